//! Identity number of Zimbabwe: office and order, check letter modulo 23, district of origin.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "zw_id",
    source: "National Registration Act [Chapter 10:17]; Registrar General",
    check,
    valid: &["976114408W35", "31934176K67", "99325384Y93"],
    invalid: &["17832026X18", "769163779P61"],
};

/// Letters by remainder; I, O and U are left out.
const LETTERS: &[u8; 23] = b"ZABCDEFGHJKLMNPQRSTVWXY";

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let bytes = value.as_bytes();
    let Some(at) = bytes.len().checked_sub(3) else { return false };
    let (number, tail) = bytes.split_at(at);
    (8..=9).contains(&number.len())
        && number.iter().chain(&tail[1..]).all(u8::is_ascii_digit)
        && LETTERS[number.iter().fold(0, |rest, &d| (rest * 10 + usize::from(d - b'0')) % 23)] == tail[0]
}
