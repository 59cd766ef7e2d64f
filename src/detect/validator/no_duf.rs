//! Norwegian immigration case number (DUF): year, six digits, the remainder modulo 11 in two digits.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "no_duf",
    source: "Utlendingsdirektoratet: DUF-nummer",
    check,
    valid: &["202370021203", "2022 741255 05"],
    invalid: &["102021625207", "000000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<12>(&ungrouped(value)) else { return false };
    matches!(pair(&d, 0), 19 | 20) && weighted(&d, &[4, 6, 3, 2, 4, 6, 3, 2, 7, 5]) % 11 == pair(&d, 10)
}
