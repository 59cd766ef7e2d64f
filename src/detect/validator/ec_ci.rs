//! Ecuadorian identity number: province, order, Luhn.

use super::Validator;
use super::checksum::{digits, luhn, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ec_ci",
    source: "Ley Orgánica de Gestión de la Identidad y Datos Civiles",
    check,
    valid: &["1509226575", "1137500649"],
    invalid: &["1226377028", "1628336996"],
};

/// Whether a register has that province: 1 to 24, 30 for Ecuadorians abroad, 50.
pub fn province(code: u32) -> bool {
    matches!(code, 1..=24 | 30 | 50)
}

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    digits::<10>(value).is_some_and(|d| province(pair(&d, 0)) && d[2] <= 6) && luhn(value)
}
