//! National health index number of New Zealand: three letters with three digits and a check digit modulo 11, or with two
//! digits, a letter and a check letter modulo 23.

use super::Validator;
use super::checksum::{place, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "nz_nhi",
    source: "HISO 10046:2023, consumer health identity",
    check,
    valid: &["HFG88YA", "MHS46FN", "SUH09NU"],
    invalid: &["PFE56CG", "TFJ7009"],
};

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    let mut number = [0; 7];
    if bytes.len() != number.len() {
        return false;
    }
    for (number, &byte) in number.iter_mut().zip(bytes) {
        *number = match byte {
            b'0'..=b'9' => byte - b'0',
            _ => match place(LETTERS, byte) {
                Some(at) => at as u8 + 1,
                None => return false,
            },
        };
    }
    let digit: Vec<bool> = bytes.iter().map(u8::is_ascii_digit).collect();
    let sum = weighted(&number, &[7, 6, 5, 4, 3, 2]);
    let last = u32::from(number[6]);
    match digit[..] {
        [false, false, false, true, true, true, true] => !sum.is_multiple_of(11) && (11 - sum % 11) % 10 == last,
        [false, false, false, true, true, false, false] => 23 - sum % 23 == last,
        _ => false,
    }
}
