//! Australian tax file number of eight or nine digits: weighted sum divisible by 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "au_tfn",
    source: "Australian Taxation Office: TFN",
    check,
    valid: &["63837137", "15587122", "564282261"],
    invalid: &["41850617", "42155530"],
};

const WEIGHTS: [u32; 9] = [1, 4, 3, 7, 5, 8, 6, 9, 10];

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let sum = match value.len() {
        8 => digits::<8>(value).map(|d| weighted(&d, &WEIGHTS)),
        _ => digits::<9>(value).map(|d| weighted(&d, &WEIGHTS)),
    };
    sum.is_some_and(|sum| sum.is_multiple_of(11))
}
