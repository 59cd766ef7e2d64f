//! EC number of a chemical substance: six digits and a check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "eu_ec_number",
    source: "Commission: EINECS (OJ C 146A, 15.6.1990)",
    check,
    valid: &["680-721-0", "2363885"],
    invalid: &["7201964", "000-000-0"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<7>(&ungrouped(value)) else { return false };
    !all_same(&d) && weighted(&d, &[1, 2, 3, 4, 5, 6]) % 11 == u32::from(d[6])
}
