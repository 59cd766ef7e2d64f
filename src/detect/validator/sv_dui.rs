//! Salvadoran identity document number (DUI): eight digits, check digit.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "sv_dui",
    source: "RNPN, El Salvador: Documento Único de Identidad",
    check,
    valid: &["80693295-2", "10548136-7"],
    invalid: &["81180254-9", "34596681-3"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<9>(&ungrouped(value)) else { return false };
    let sum = weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2]);
    (sum + u32::from(digits[8])).is_multiple_of(10) && !all_same(&digits)
}
