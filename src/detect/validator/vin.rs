//! Vehicle identification number with the check digit that North America demands.

use super::Validator;
use super::checksum::all_same;

pub const VALIDATOR: Validator = Validator {
    name: "vin",
    source: "49 CFR 565.15; ISO 3779:2009",
    check,
    valid: &["54P7LZSN3DMV829M9", "2ZKFP9FZ8FXNF3PHN"],
    invalid: &["2U8VZRJ56KVH6ESEV", "54P7LZSN4DMV829M9", "11111111111111111"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let bytes = value.as_bytes();
    if bytes.len() != 17 || all_same(bytes) {
        return false;
    }
    let sum = bytes.iter().zip(WEIGHTS).try_fold(0, |sum, (&byte, weight)| Some(sum + weight * transliterated(byte)?));
    let check = match bytes[8] {
        b'X' | b'x' => 10,
        digit => u32::from(digit.wrapping_sub(b'0')),
    };
    sum.is_some_and(|sum| sum % 11 == check)
}

/// The value of a character; I, O and Q are not used (49 CFR 565.15, table III).
fn transliterated(byte: u8) -> Option<u32> {
    let value = match byte.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => digit - b'0',
        letter @ b'A'..=b'H' => letter - b'A' + 1,
        letter @ b'J'..=b'N' => letter - b'J' + 1,
        b'P' => 7,
        b'R' => 9,
        letter @ b'S'..=b'Z' => letter - b'S' + 2,
        _ => return None,
    };
    Some(u32::from(value))
}
