//! Venezuelan tax register number (RIF): letter of the kind, eight digits, check digit.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ve_rif",
    source: "SENIAT: Registro Único de Información Fiscal",
    check,
    valid: &["G-25537805-0", "E-58315679-0"],
    invalid: &["E-68002137-4", "G-57445468-8"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let kind = match value.as_bytes().first() {
        Some(b'V') => 4,
        Some(b'E') => 8,
        Some(b'J') => 12,
        Some(b'P') => 16,
        Some(b'G') => 20,
        _ => return false,
    };
    let Some(digits) = digits::<9>(&value[1..]) else { return false };
    let rest = (kind + weighted(&digits, &[3, 2, 7, 6, 5, 4, 3, 2])) % 11;
    u32::from(digits[8]) == (if rest < 2 { 0 } else { 11 - rest }) && digits[..8].iter().any(|d| *d != 0)
}
