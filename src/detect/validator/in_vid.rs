//! Indian Aadhaar virtual id: sixteen digits, the first 2–9, Verhoeff.

use super::Validator;
use super::checksum::{digits, verhoeff};

pub const VALIDATOR: Validator = Validator {
    name: "in_vid",
    source: "UIDAI circular 1 of 2018, Virtual ID",
    check,
    valid: &["6363508833547433", "4527306117082943"],
    invalid: &["2622622587005837", "3797841255199687"],
};

fn check(value: &str) -> bool {
    digits::<16>(value).is_some_and(|d| d[0] >= 2 && !d.iter().eq(d.iter().rev()) && verhoeff(&d))
}
