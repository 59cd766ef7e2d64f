//! Keys of GS1 with its check digit: GTIN of 8, 12, 13 or 14 digits, GSIN of 17, SSCC of 18.

use super::Validator;
use super::checksum::{all_same, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "gs1",
    source: "GS1 General Specifications, 7.9.1",
    check,
    valid: &["19540610", "358952548140", "5421247201985", "60395476200750", "3 2926126 520642792 6"],
    invalid: &["19540611", "60395476200751", "3292612652064279", "00000000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    if !matches!(value.len(), 8 | 12..=14 | 17 | 18) || !value.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 =
        value.bytes().rev().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 1 } else { 3 }).sum();
    sum.is_multiple_of(10) && !all_same(value.as_bytes())
}
