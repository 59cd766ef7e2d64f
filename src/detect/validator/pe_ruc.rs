//! Peruvian taxpayer number (RUC): type, document, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pe_ruc",
    source: "Decreto Legislativo 943; SUNAT",
    check,
    valid: &["10088735442", "15596249431"],
    invalid: &["10407242901", "15112634895"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    let check = (11 - weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
    matches!(pair(&d, 0), 10 | 15 | 17 | 20) && check == u32::from(d[10])
}
