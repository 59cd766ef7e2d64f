//! Identity number of Zimbabwe: office and order, check letter modulo 23, district of origin.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "zw_id",
    source: "National Registration Act [Chapter 10:17]; Registrar General",
    check,
    valid: &["13704097G74", "25954646W49", "671266053N59"],
    invalid: &["031830641F06", "81866531Z85"],
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
