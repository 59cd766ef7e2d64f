//! Number of thirteen digits with the check digit of GS1 (weights 1 and 3).

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ean13",
    source: "GS1 General Specifications, 7.9.1",
    check,
    valid: &["7601812265965", "7563413533884"],
    invalid: &["4005562452159", "3563004246810"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    !all_same(&d) && weighted(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}
