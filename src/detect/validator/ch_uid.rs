//! Swiss enterprise number (UID): CHE and nine digits, the last a check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ch_uid",
    source: "UIDV (SR 431.031), Art. 5",
    check,
    valid: &["CHE674822044", "CHE538110220"],
    invalid: &["CHE502882177", "CHE852589193"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(d) = value.strip_prefix("CHE").and_then(digits::<9>) else { return false };
    (weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4]) + u32::from(d[8])).is_multiple_of(11)
}
