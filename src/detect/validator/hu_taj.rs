//! Hungarian social security number (TAJ): nine digits, check digit modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "hu_taj",
    source: "1996. évi XX. törvény, 3. melléklet",
    check,
    valid: &["184470244", "594 883 049"],
    invalid: &["151768590", "000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<9>(&ungrouped(value)) else { return false };
    !all_same(&d) && weighted(&d, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == u32::from(d[8])
}
