//! German health insurance number: a letter, eight digits and a check digit.

use super::Validator;
use super::checksum::{cross_sum, digits};

pub const VALIDATOR: Validator = Validator {
    name: "de_kvnr",
    source: "SGB V § 290; GKV-Spitzenverband, Aufbau der Krankenversichertennummer",
    check,
    valid: &["H945539317", "N069585405", "T016567750"],
    invalid: &["N403151960", "Y449573221"],
};

fn check(value: &str) -> bool {
    let (Some(&letter), Some(d)) = (value.as_bytes().first(), value.get(1..).and_then(digits::<9>)) else {
        return false;
    };
    if !letter.is_ascii_alphabetic() {
        return false;
    }
    let number = u32::from(letter.to_ascii_uppercase() - b'A' + 1);
    let body: u32 = d[..8].iter().zip([1, 2].into_iter().cycle()).map(|(&d, w)| cross_sum(u32::from(d) * w)).sum();
    (number / 10 + cross_sum(number % 10 * 2) + body) % 10 == u32::from(d[8])
}
