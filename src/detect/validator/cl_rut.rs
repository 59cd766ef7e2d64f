//! Chilean national and tax number (RUN, RUT): weights 2 to 7 from the right, check digit or K modulo 11.

use super::Validator;
use super::checksum::{all_same, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "cl_rut",
    source: "DFL 1/2000 Justicia; Servicio de Impuestos Internos",
    check,
    valid: &["59002503", "27366783"],
    invalid: &["744871405", "713882717"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Some((&last, body)) = value.as_bytes().split_last() else { return false };
    if !matches!(body.len(), 7 | 8) || !body.iter().all(u8::is_ascii_digit) || all_same(value.as_bytes()) {
        return false;
    }
    let sum: u32 = body.iter().rev().zip((2..=7).cycle()).map(|(&b, weight)| u32::from(b - b'0') * weight).sum();
    last == b"0K987654321"[(sum % 11) as usize]
}
