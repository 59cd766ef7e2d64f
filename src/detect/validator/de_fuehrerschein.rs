//! German driving licence number: office, serial, a modulo 11 check character, issue.

use super::Validator;
use super::checksum::base36;

pub const VALIDATOR: Validator = Validator {
    name: "de_fuehrerschein",
    source: "FeV Anlage 8; KBA, Führerscheinnummer",
    check,
    valid: &["TP46C1LOH2W", "UQFI3SO382X"],
    invalid: &["SO0QMY5HP64", "XMYBE7XU12C"],
};

fn check(value: &str) -> bool {
    let value = value.as_bytes();
    if value.len() != 11 || !value[0].is_ascii_alphabetic() || !value[10].is_ascii_alphanumeric() {
        return false;
    }
    let sum = value[..9].iter().zip((1..=9).rev()).try_fold(0, |sum, (&b, w)| Some(sum + w * u32::from(base36(b)?)));
    sum.is_some_and(|sum| match sum % 11 {
        10 => value[9] == b'X',
        rest => u32::from(value[9]) == u32::from(b'0') + rest,
    })
}
