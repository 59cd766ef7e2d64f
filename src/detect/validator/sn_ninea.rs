//! Senegalese company number (NINEA): seven or nine digits with a weighted sum, and the three characters of the COFI.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "sn_ninea",
    source: "ANSD Sénégal: NINEA",
    check,
    valid: &["001330290 0C9", "000601957 2N4"],
    invalid: &["005039766 2W3", "009793518 1S3"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let (number, cofi) = value.split_at_checked(value.len().saturating_sub(3)).unwrap_or_default();
    let (number, cofi) =
        if cofi.bytes().any(|b| b.is_ascii_alphabetic()) { (number, Some(cofi)) } else { (&*value, None) };
    if !matches!(number.len(), 7 | 9) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    // the second digit from the right counts twice, and every second one on from there
    let sum: u32 = number.bytes().rev().enumerate().map(|(i, b)| u32::from(b - b'0') * (1 + i as u32 % 2)).sum();
    sum.is_multiple_of(10) && number.bytes().any(|b| b != b'0') && cofi.is_none_or(is_cofi)
}

/// Tax regime, legal form, kind of register.
fn is_cofi(cofi: &str) -> bool {
    matches!(cofi.as_bytes(), [b'0'..=b'2', form, b'0'..=b'9'] if b"ABCDEFGHJKLMNPQRSTUVWZ".contains(form))
}
