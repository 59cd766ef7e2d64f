//! Corporate registration number of Korea: weights 1 and 2 in turn, check digit modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "kr_crn",
    source: "법인 및 재외국민의 부동산등기용등록번호 부여에 관한 규칙",
    check,
    valid: &["3758264369369", "0996590346527", "0826823970521"],
    invalid: &["9011582515755", "1748475081296"],
};

fn check(value: &str) -> bool {
    digits::<13>(&ungrouped(value))
        .is_some_and(|d| !all_same(&d) && weighted(&d, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]).is_multiple_of(10))
}
