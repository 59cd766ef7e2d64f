//! Australian company number: weights 8 to 1, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "au_acn",
    source: "Australian Securities and Investments Commission: ACN check digit",
    check,
    valid: &["864020673", "348045536", "264654159"],
    invalid: &["451705127", "087997086"],
};

fn check(value: &str) -> bool {
    digits::<9>(&ungrouped(value)).is_some_and(|d| weighted(&d, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10))
}
