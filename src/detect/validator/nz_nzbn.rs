//! Business number of New Zealand: a GS1 location number with prefix 94.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "nz_nzbn",
    source: "New Zealand Business Number Act 2016, s 8; GS1 General Specifications",
    check,
    valid: &["9468189932733", "9462511558875", "9425262369329"],
    invalid: &["9441096923976", "9458077705414"],
};

fn check(value: &str) -> bool {
    digits::<13>(value)
        .is_some_and(|d| d[..2] == [9, 4] && weighted(&d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10))
}
