//! Guatemalan tax number (NIT): digits and a check digit 0–9 or K.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "gt_nit",
    source: "SAT Guatemala: NIT",
    check,
    valid: &["4540134-9", "7177236-7"],
    invalid: &["5622829-6", "8378958-2"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some((last, body)) = value.as_bytes().split_last() else { return false };
    if !(1..=11).contains(&body.len()) || !body.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = body.iter().rev().zip(2..).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    let check = match (11 - sum % 11) % 11 {
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    *last == check && sum > 0
}
