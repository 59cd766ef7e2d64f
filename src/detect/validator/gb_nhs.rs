//! NHS number: ten digits, weights 10 to 2 modulo 11; a check digit of 10 is not issued.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_nhs",
    source: "NHS Data Dictionary, NHS NUMBER",
    check,
    valid: &["4287730402", "9497993129"],
    invalid: &["4020684581", "0197704224", "0000000000"],
};

fn check(value: &str) -> bool {
    digits::<10>(value)
        .is_some_and(|d| weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && !all_same(&d))
}
