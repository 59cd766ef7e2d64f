//! French tax number of a person: 13 digits, the last three are the rest modulo 511.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "fr_nif",
    source: "OECD TIN sheet France; DGFiP, numéro fiscal",
    check,
    valid: &["1791708668099", "2725547578306"],
    invalid: &["2284568623342", "0489631872356", "4791708668099"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<13>(value) else { return false };
    let number = |part: &[u8]| part.iter().fold(0_u64, |n, &digit| n * 10 + u64::from(digit));
    d[0] <= 3 && number(&d[..10]) % 511 == number(&d[10..]) && !all_same(&d)
}
