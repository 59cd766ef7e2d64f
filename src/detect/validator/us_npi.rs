//! US national provider identifier: Luhn over 80840 and the number.

use super::Validator;
use super::checksum::{digits, luhn_sum};

pub const VALIDATOR: Validator = Validator {
    name: "us_npi",
    source: "45 CFR 162.406; CMS, NPI check digit",
    check,
    valid: &["2365815267", "1166349435"],
    invalid: &["1385125406", "1216528378", "3365815267"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(value) else { return false };
    // 80840 is the card issuer prefix of US health applications; it adds 24 to Luhn's sum.
    matches!(d[0], 1 | 2) && (luhn_sum(d.into_iter()) + 24).is_multiple_of(10)
}
