//! Dominican taxpayer number (RNC): nine digits, weighted sum.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "do_rnc",
    source: "DGII: Registro Nacional del Contribuyente",
    check,
    valid: &["1-43-18073-3", "1-98-15598-7"],
    invalid: &["4-02-70711-5", "5-55-03518-4"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<9>(&ungrouped(value)) else { return false };
    let rest = weighted(&digits, &[7, 9, 8, 6, 5, 4, 3, 2]) % 11;
    u32::from(digits[8]) == (21 - rest - 11) % 9 + 1 && !all_same(&digits)
}
