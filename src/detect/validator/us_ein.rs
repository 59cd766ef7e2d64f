//! US employer identification number: a prefix that a campus has issued.

use super::Validator;
use super::checksum::{all_same, digits, pair};

pub const VALIDATOR: Validator = Validator {
    name: "us_ein",
    source: "IRS, How EINs are assigned and valid EIN prefixes",
    check,
    valid: &["311318101", "982574676"],
    invalid: &["004092490", "497035245", "078051120"],
};

fn check(value: &str) -> bool {
    digits::<9>(value).is_some_and(|d| {
        matches!(
            pair(&d, 0),
            1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99
        ) && !all_same(&d)
    })
}
