//! Cuban identity number: date of birth, century, serial.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "cu_ni",
    source: "MININT, Cuba: número de identidad permanente",
    check,
    valid: &["97031259651", "79101423606"],
    invalid: &["71462326201", "84812543164"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<11>(value) else { return false };
    let century = match digits[6] {
        9 => 1800,
        0..=5 => 1900,
        _ => 2000,
    };
    real_date(century + pair(&digits, 0), pair(&digits, 2), pair(&digits, 4))
}
