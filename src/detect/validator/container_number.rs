//! Freight container: owner, kind of equipment, six digits, check digit.

use super::Validator;
use super::checksum::{iso6346, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "container_number",
    source: "ISO 6346:2022, annex A",
    check,
    valid: &["CAPU5690070", "EYYU 003171 4", "MPDU2343127"],
    invalid: &["CAPU5690071", "CAPX5690070", "CAPU569007"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some((body, last)) = value.as_bytes().split_at_checked(10) else { return false };
    let (owner, number) = body.split_at(4);
    // U: freight containers, J: detachable equipment, Z: trailers and chassis.
    owner[..3].iter().all(u8::is_ascii_uppercase)
        && b"UJZ".contains(&owner[3])
        && number.iter().all(u8::is_ascii_digit)
        && matches!(last, [digit] if digit.is_ascii_digit() && iso6346(body) == Some(u32::from(digit - b'0')))
}
