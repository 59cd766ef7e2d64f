//! Indian GST number: state, PAN, registration, Z, and Luhn modulo 36.

use super::Validator;
use super::checksum::{base36, digits};
use super::in_pan;

pub const VALIDATOR: Validator = Validator {
    name: "in_gstin",
    source: "CGST Rules 2017, rule 10",
    check,
    valid: &["01MRYCB6143Y2ZA", "12TPGBT8149YAZO"],
    invalid: &["09DNZFW1090N6ZT", "22ZDJGX3851XBZ5", "00MRYCB6143Y2ZA"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() != 15 {
        return false;
    }
    // States are 01–37, other territory 97.
    let state = value.get(..2).and_then(digits::<2>).is_some_and(|d| matches!(d[0] * 10 + d[1], 1..=37 | 97));
    let sum = bytes.iter().rev().enumerate().try_fold(0, |sum, (i, &byte)| {
        let product = u32::from(base36(byte)?) * (1 + i as u32 % 2);
        Some(sum + product / 36 + product % 36)
    });
    state
        && value.get(2..12).is_some_and(|pan| (in_pan::VALIDATOR.check)(pan))
        && bytes[12] != b'0'
        && bytes[13].eq_ignore_ascii_case(&b'Z')
        && sum.is_some_and(|sum| sum % 36 == 0)
}
