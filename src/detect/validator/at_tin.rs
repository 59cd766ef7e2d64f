//! Austrian tax account number: tax office, account, Luhn.

use super::Validator;
use super::checksum::{luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "at_tin",
    source: "BAO; Bundesministerium für Finanzen",
    check,
    valid: &["125398446", "416804656"],
    invalid: &["042103686", "979495448"],
};

/// The tax offices' numbers (Bundesministerium für Finanzen).
const OFFICES: [u8; 40] = [
    3, 4, 6, 7, 8, 9, 10, 12, 15, 16, 18, 22, 23, 29, 33, 38, 41, 46, 51, 52, 53, 54, 57, 59, 61, 65, 67, 68, 69, 71,
    72, 81, 82, 83, 84, 90, 91, 93, 97, 98,
];

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 9 && luhn(value) && value[..2].parse().is_ok_and(|office| OFFICES.contains(&office))
}
