//! Securities identifier: a country, nine characters, and Luhn over the digits that letters are written out as.

use super::Validator;
use super::checksum::{base36, luhn_sum};
use crate::diagnostic::country;

pub const VALIDATOR: Validator = Validator {
    name: "isin",
    source: "ISO 6166:2021",
    check,
    valid: &["JPF9EYXR95K6", "XSBP8YKICBT0", "MXS6G4WSJVJ3"],
    invalid: &["INAWALKRIZ31", "EUP9HOYMWZD4", "ZZF9EYXR95K6"],
};

/// Codes beside ISO 3166-1: international securities, the European Union, and substitute agencies (ISO 6166 annex).
const OTHERS: [&str; 10] = ["XS", "EU", "XA", "XB", "XC", "XD", "XF", "QS", "QT", "QW"];

fn check(value: &str) -> bool {
    let Some(country) = value.get(..2) else { return false };
    if value.len() != 12 || !(country::is_iso2(country) || OTHERS.contains(&country)) {
        return false;
    }
    // Each letter gives two digits: A is 1 and 0.
    let mut digits = [0; 24];
    let mut length = 0;
    for byte in value.bytes() {
        let Some(number) = base36(byte) else { return false };
        if number > 9 {
            digits[length] = number / 10;
            length += 1;
        }
        digits[length] = number % 10;
        length += 1;
    }
    value.as_bytes()[11].is_ascii_digit() && luhn_sum(digits[..length].iter().copied()).is_multiple_of(10)
}
