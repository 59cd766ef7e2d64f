//! Italian VAT number: seven digits, province of the office, Luhn.

use super::Validator;
use super::checksum::{luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "it_iva",
    source: "DPR 633/1972, art. 35; Agenzia delle Entrate",
    check,
    valid: &["05267540580", "65722930982"],
    invalid: &["79303130351", "03464610997"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("IT").unwrap_or(&value);
    number.len() == 11
        && luhn(number)
        && !number.starts_with("0000000")
        && number[7..10].parse().is_ok_and(|office| matches!(office, 1..=100 | 120 | 121 | 888 | 999))
}
