//! German physician number: six digits, a check digit, two digits for the speciality.

use super::Validator;
use super::checksum::{all_same, digits, pair, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "de_lanr",
    source: "KBV, Richtlinie zur Vergabe der Arzt- und Betriebsstättennummern, § 4",
    check,
    valid: &["952886366", "796587707", "694787152"],
    invalid: &["872197685", "501825585", "952886300"],
};

fn check(value: &str) -> bool {
    digits::<9>(value).is_some_and(|d| {
        (weighted(&d, &[4, 9, 4, 9, 4, 9]) + u32::from(d[6])).is_multiple_of(10)
            && pair(&d, 7) != 0
            && !all_same(&d[..6])
    })
}
