//! French social security number: sex, month, department (2A and 2B for Corsica) and a key modulo 97.

use super::Validator;
use super::checksum::{digits, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "fr_nir",
    source: "Code de la sécurité sociale, R. 115-1; INSEE, NIR",
    check,
    valid: &["224020763904216", "247052151683006", "208105645991459"],
    invalid: &["294029475980159", "184042B21958392", "900000000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let bytes = value.as_bytes();
    if bytes.len() != 15 {
        return false;
    }
    let corsica = match (bytes[5], bytes[6].to_ascii_uppercase()) {
        (b'2', b'A') => 19,
        (b'2', b'B') => 18,
        _ => 0,
    };
    let mut number: u64 = 0;
    for (i, &byte) in bytes[..13].iter().enumerate() {
        let digit = match (corsica, i) {
            (1.., 5) => corsica / 10,
            (1.., 6) => corsica % 10,
            _ if byte.is_ascii_digit() => u64::from(byte - b'0'),
            _ => return false,
        };
        number = number * 10 + digit;
    }
    let Some(key) = value.get(13..).and_then(digits::<2>) else { return false };
    // Months above 12 stand for birth dates that are not known; no department has the numbers 00 and 96.
    let month = pair(&[bytes[3] - b'0', bytes[4] - b'0'], 0);
    let department = pair(&[bytes[5] - b'0', bytes[6].wrapping_sub(b'0') % 10], 0);
    let plausible = matches!(month, 1..=12 | 20..=42 | 50..=99) && !matches!(department, 0 | 96);
    // 1 and 2 by sex; 3, 4, 7 and 8 for provisional numbers.
    plausible
        && matches!(bytes[0], b'1'..=b'4' | b'7' | b'8')
        && 97 - number % 97 == u64::from(key[0]) * 10 + u64::from(key[1])
}
