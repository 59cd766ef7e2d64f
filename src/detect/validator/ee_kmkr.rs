//! Estonian VAT number: EE and nine digits, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ee_kmkr",
    source: "Käibemaksuseadus, § 20; VIES",
    check,
    valid: &["EE107276821", "EE 104746325"],
    invalid: &["EE108171597", "EE12345678"],
};

fn check(value: &str) -> bool {
    let Some(d) = ungrouped(value).strip_prefix("EE").and_then(digits::<9>) else { return false };
    weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}
