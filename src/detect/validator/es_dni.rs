//! Spanish identity number (DNI): eight digits and a check letter modulo 23.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "es_dni",
    source: "Real Decreto 255/2025; Ministerio del Interior",
    check,
    valid: &["46198410N", "14205482S"],
    invalid: &["73662100E", "01564306M"],
};

/// The check letter of a number (remainder modulo 23).
pub fn letter(number: u32) -> u8 {
    b"TRWAGMYFPDXBNJZSQVHLCKE"[(number % 23) as usize]
}

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Some((body, last)) = value.split_at_checked(8) else { return false };
    body.bytes().all(|b| b.is_ascii_digit()) && body.parse().is_ok_and(|number| last.as_bytes() == [letter(number)])
}
