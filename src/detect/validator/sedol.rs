//! SEDOL: seven characters without vowels, weighted modulo 10; new ones begin with a letter.

use super::Validator;
use super::checksum::base36;

pub const VALIDATOR: Validator = Validator {
    name: "sedol",
    source: "London Stock Exchange, SEDOL Masterfile technical specification",
    check,
    valid: &["F8GZB30", "3410918"],
    invalid: &["XJDBSC3", "1278032", "A8GZB30"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.len() != 7 || !bytes[6].is_ascii_digit() {
        return false;
    }
    if bytes[0].is_ascii_digit() && !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum = bytes.iter().zip([1, 3, 1, 7, 3, 9, 1]).try_fold(0, |sum, (&byte, weight)| {
        let vowel = matches!(byte.to_ascii_uppercase(), b'A' | b'E' | b'I' | b'O' | b'U');
        Some(sum + weight * u32::from(base36(byte).filter(|_| !vowel)?))
    });
    sum.is_some_and(|sum| sum % 10 == 0)
}
