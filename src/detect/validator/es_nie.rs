//! Spanish foreigner's number (NIE): X, Y or Z, seven digits, and the letter of the DNI with 0, 1 or 2 before.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "es_nie",
    source: "Real Decreto 1155/2024, art. 206; Orden INT/2058/2008",
    check,
    valid: &["Y9547256Q", "X9160423Y"],
    invalid: &["X5011445D", "Y7041466X"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let first = match value.as_bytes().first() {
        Some(b'X') => "0",
        Some(b'Y') => "1",
        Some(b'Z') => "2",
        _ => return false,
    };
    (super::es_dni::VALIDATOR.check)(&format!("{first}{}", &value[1..]))
}
