//! Verhoeff's check over any run of digits.

use super::Validator;
use super::checksum::verhoeff;

pub const VALIDATOR: Validator = Validator {
    name: "verhoeff",
    source: "J. Verhoeff, Error Detecting Decimal Codes, 1969",
    check,
    valid: &["348310179003", "378707117561"],
    invalid: &["715107502870", "838142045364"],
};

fn check(value: &str) -> bool {
    let mut digits = [0; 32];
    let bytes = value.as_bytes();
    if bytes.len() < 2 || bytes.len() > digits.len() || !bytes.iter().all(u8::is_ascii_digit) {
        return false;
    }
    for (digit, byte) in digits.iter_mut().zip(bytes) {
        *digit = byte - b'0';
    }
    verhoeff(&digits[..bytes.len()])
}
