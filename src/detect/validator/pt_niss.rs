//! Portuguese social security number (NISS): eleven digits, weights of primes, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pt_niss",
    source: "Segurança Social; Decreto-Lei 83/2000",
    check,
    valid: &["27295069536", "19604741887"],
    invalid: &["25790587374", "10051919593"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    let sum = weighted(&d[..10], &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]);
    matches!(d[0], 1 | 2) && 9 - sum % 10 == u32::from(d[10])
}
