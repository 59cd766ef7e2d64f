//! Number of a periodical: seven digits and a check character modulo 11.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "issn",
    source: "ISO 3297:2022, annex A",
    check,
    valid: &["2364-0561", "48885150"],
    invalid: &["2364-0562", "4888-515X", "4888-51"],
};

fn check(value: &str) -> bool {
    let Ok(value): Result<[u8; 8], _> = ungrouped(value).as_bytes().try_into() else { return false };
    let sum = value.iter().enumerate().try_fold(0, |sum, (i, &byte)| match byte {
        b'0'..=b'9' => Some(sum + u32::from(byte - b'0') * (8 - i as u32)),
        b'X' if i == 7 => Some(sum + 10),
        _ => None,
    });
    sum.is_some_and(|sum| sum.is_multiple_of(11))
}
