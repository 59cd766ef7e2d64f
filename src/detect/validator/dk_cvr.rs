//! Danish company number (CVR) and VAT number: eight digits, check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "dk_cvr",
    source: "CVR-loven (LBK nr 1052 af 16/10/2019), § 5; VIES",
    check,
    valid: &["33993137", "74 91 51 24", "DK82118659"],
    invalid: &["72363721", "00000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<8>(value.strip_prefix("DK").unwrap_or(value)) else { return false };
    d[0] != 0 && !all_same(&d) && weighted(&d, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}
