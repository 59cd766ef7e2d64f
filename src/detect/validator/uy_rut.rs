//! Uruguayan tax number (RUT): office, serial, `001`, check digit.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "uy_rut",
    source: "DGI Uruguay: Registro Único Tributario",
    check,
    valid: &["109710510012", "212769870011"],
    invalid: &["028511160017", "104802290019"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<12>(&ungrouped(value)) else { return false };
    let check = (11 - weighted(&digits[..11], &[4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    (1..=22).contains(&pair(&digits, 0))
        && digits[2..8].iter().any(|d| *d != 0)
        && digits[8..11] == [0, 0, 1]
        && u32::from(digits[11]) == check
}
