//! German tax identification number: MOD 11,10, and one digit of the first ten occurs two or three times.

use super::Validator;
use super::checksum::{digits, mod11_10, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "de_steuer_id",
    source: "AO § 139b; BZSt, Aufbau der Identifikationsnummer",
    check,
    valid: &["74632158008", "73465619026", "86095742719"],
    invalid: &["98603125406", "12345678901", "01234567899", "11111111111"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<11>(value) else { return false };
    let mut count = [0; 10];
    d[..10].iter().for_each(|&digit| count[usize::from(digit)] += 1);
    let repeated: Vec<u8> = count.into_iter().filter(|n| *n > 1).collect();
    d[0] != 0 && matches!(repeated[..], [2] | [3]) && mod11_10(&d)
}
