//! Corporate registration number of Korea: weights 1 and 2 in turn, check digit modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "kr_crn",
    source: "법인 및 재외국민의 부동산등기용등록번호 부여에 관한 규칙",
    check,
    valid: &["3712280317976", "8986197911221", "2771123398957"],
    invalid: &["7863421265091", "0511435646642"],
};

fn check(value: &str) -> bool {
    digits::<13>(&ungrouped(value))
        .is_some_and(|d| !all_same(&d) && weighted(&d, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]).is_multiple_of(10))
}
