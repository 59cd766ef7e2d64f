//! Spanish tax number of entities: letter of the legal form, seven digits, a digit or letter after Luhn.

use super::Validator;
use super::checksum::{luhn_sum, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "es_cif",
    source: "Orden EHA/451/2008",
    check,
    valid: &["W1437835J", "W8178069D"],
    invalid: &["D75283955", "V81309372"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Ok(&[form, ref body @ .., last]) = <&[u8; 9]>::try_from(value.as_bytes()) else { return false };
    if !b"ABCDEFGHJNPQRSUVW".contains(&form) || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    // The check digit's own place counts as zero.
    let sum = luhn_sum(body.iter().map(|b| b - b'0').chain([0]));
    let check = ((10 - sum % 10) % 10) as usize;
    last == b'0' + check as u8 || last == b"JABCDEFGHI"[check]
}
