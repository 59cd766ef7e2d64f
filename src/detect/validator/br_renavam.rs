//! Brazilian vehicle register number: eleven digits, weighted modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_renavam",
    source: "DENATRAN, Portaria 27/2013",
    check,
    valid: &["00489228445", "00443008370"],
    invalid: &["00379597505", "00685017038", "00000000000"],
};

fn check(value: &str) -> bool {
    digits::<11>(value).is_some_and(|d| {
        let check = weighted(&d, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) * 10 % 11 % 10;
        check == u32::from(d[10]) && !all_same(&d)
    })
}
