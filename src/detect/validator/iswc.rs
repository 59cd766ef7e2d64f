//! Code of a musical work: `T`, nine digits, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "iswc",
    source: "ISO 15707:2022",
    check,
    valid: &["T-345.325.248-3", "T7447317913"],
    invalid: &["T-345.325.248-4", "T744731791", "A7447317913"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(d) = value.strip_prefix('T').and_then(digits::<10>) else { return false };
    (1 + weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1])).is_multiple_of(10)
}
