//! Indian Aadhaar: twelve digits, the first 2–9, Verhoeff, no palindrome.

use super::Validator;
use super::checksum::{digits, verhoeff};

pub const VALIDATOR: Validator = Validator {
    name: "in_aadhaar",
    source: "UIDAI, A UID Numbering Scheme, 2010",
    check,
    valid: &["382425981229", "916927915029"],
    invalid: &["990451641769", "320610392157", "182425981229", "222222222222"],
};

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| d[0] >= 2 && !d.iter().eq(d.iter().rev()) && verhoeff(&d))
}
