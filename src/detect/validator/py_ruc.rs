//! Paraguayan tax number (RUC): up to eight digits, check digit.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "py_ruc",
    source: "DNIT Paraguay: Registro Único de Contribuyentes",
    check,
    valid: &["80675703-5", "80352182-0"],
    invalid: &["80880841-6", "80127139-1"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some((last, body)) = value.as_bytes().split_last() else { return false };
    if !(4..=8).contains(&body.len()) || !value.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = body.iter().rev().zip(2..).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    u32::from(last - b'0') == (11 - sum % 11) % 11 % 10 && sum > 0
}
