//! Unique pupil number: a check letter, eleven digits, a digit or letter.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "gb_upn",
    source: "Department for Education, UPN guide, annex",
    check,
    valid: &["Z330954154535", "F33202125554K"],
    invalid: &["M89131831467K", "R31305283464K"],
};

fn check(value: &str) -> bool {
    /// I, O and S are left out for their likeness to digits.
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRTUVWXYZ";
    let value = value.as_bytes();
    if value.len() != 13 || !value[1..12].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum = value[1..].iter().zip(2..).try_fold(0, |sum, (&byte, weight)| {
        let digit = match byte {
            b'0'..=b'9' => 23 + u32::from(byte - b'0'),
            _ => place(LETTERS, byte.to_ascii_uppercase())?,
        };
        Some(sum + weight * digit)
    });
    sum.is_some_and(|sum| LETTERS[(sum % 23) as usize] == value[0].to_ascii_uppercase())
}
