//! Indian voter card: three letters, six digits and Luhn's check digit.

use super::Validator;
use super::checksum::luhn;

pub const VALIDATOR: Validator = Validator {
    name: "in_epic",
    source: "Election Commission of India, EPIC numbering (FUSN)",
    check,
    valid: &["UIO9334145", "FTF4127312"],
    invalid: &["OPB1724226", "SGO9259796"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 10 && bytes[..3].iter().all(u8::is_ascii_alphabetic) && value.get(3..).is_some_and(luhn)
}
