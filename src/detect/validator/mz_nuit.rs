//! Mozambican tax number (NUIT): nine digits, weighted sum.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "mz_nuit",
    source: "Autoridade Tributária de Moçambique: NUIT",
    check,
    valid: &["556073651", "371858768"],
    invalid: &["152550419", "369154326"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<9>(&ungrouped(value)) else { return false };
    // a remainder of 10 is written 1
    let rest = weighted(&digits[..8], &[8, 9, 4, 5, 6, 7, 8, 9]) % 11;
    u32::from(digits[8]) == (if rest == 10 { 1 } else { rest }) && !all_same(&digits)
}
