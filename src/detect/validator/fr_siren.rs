//! French company number: nine digits, Luhn.

use super::Validator;
use super::checksum::{all_same, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "fr_siren",
    source: "Code de commerce, R. 123-221; INSEE, SIRENE",
    check,
    valid: &["751726746", "339652521"],
    invalid: &["609450324", "754334601", "000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 9 && luhn(value) && !all_same(value.as_bytes())
}
