//! British Columbia personal health number: 9, eight digits, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ca_bc_phn",
    source: "British Columbia Ministry of Health, PHN",
    check,
    valid: &["9309051124", "9434321787"],
    invalid: &["9970893503", "9087822552"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    d[0] == 9 && (weighted(&d[1..9], &[2, 4, 8, 5, 10, 9, 7, 3]) + u32::from(d[9])).is_multiple_of(11)
}
