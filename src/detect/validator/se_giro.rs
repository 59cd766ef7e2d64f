//! Swedish giro numbers: bankgiro (seven or eight digits) and plusgiro (two to eight), Luhn.

use super::Validator;
use super::checksum::{luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "se_giro",
    source: "Bankgirot: Bankgironummer; Nordea: Plusgirot",
    check,
    valid: &["3404-1590", "862011"],
    invalid: &["40828435", "0"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    (2..=8).contains(&value.len()) && !value.starts_with('0') && luhn(value)
}
