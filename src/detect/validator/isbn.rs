//! Book number: thirteen digits under 978 or 979, or the ten of before 2007 with a check character modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "isbn",
    source: "ISO 2108:2017, annex C",
    check,
    valid: &["9780299722005", "978-3-757447-62-5", "3322453839", "1682752178"],
    invalid: &["9780299722006", "9770299722008", "3322453830", "97802997220"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    match digits::<13>(value) {
        Some(d) => {
            (value.starts_with("978") || value.starts_with("979"))
                && weighted(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
        }
        None => ten(value.as_bytes()),
    }
}

fn ten(value: &[u8]) -> bool {
    let Ok(value): Result<&[u8; 10], _> = value.try_into() else { return false };
    let sum = value.iter().enumerate().try_fold(0, |sum, (i, &byte)| match byte {
        b'0'..=b'9' => Some(sum + u32::from(byte - b'0') * (10 - i as u32)),
        b'X' if i == 9 => Some(sum + 10),
        _ => None,
    });
    sum.is_some_and(|sum| sum.is_multiple_of(11))
}
