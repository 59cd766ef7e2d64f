//! Bank identifier: four letters, a country, two characters, and three more for a branch.

use super::Validator;
use crate::diagnostic::country;

pub const VALIDATOR: Validator = Validator {
    name: "bic",
    source: "ISO 9362:2022",
    check,
    valid: &["QEEPZA5M", "PBKIUSY397J", "QZBKDEFFXXX"],
    invalid: &["QEEPZZ5M", "QEEPZA5", "QEEPZA5MX", "1EEPZA5M", "PRODUCTS"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes[..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && value.get(4..6).is_some_and(country::is_iso2)
}
