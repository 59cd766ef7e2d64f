//! Energy identification code (EIC): office, kind of object, twelve characters, check character modulo 37.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "eu_eic",
    source: "ENTSO-E: The Energy Identification Coding Scheme (EIC) Reference Manual",
    check,
    valid: &["97ZI5E7QZ5ITQR-F", "31WJHSDTUC02IT3N"],
    invalid: &["39TPM96YPINENK0N", "10BREGION-000000"],
};

const ALPHABET: &[u8; 37] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

fn check(value: &str) -> bool {
    let Some((&last, body)) = value.as_bytes().split_last() else { return false };
    if body.len() != 15 || !body[..2].iter().all(u8::is_ascii_digit) || !b"XYZTWVA".contains(&body[2]) {
        return false;
    }
    let sum = body.iter().zip((2..=16).rev()).try_fold(0, |sum, (&b, w)| Some(sum + place(ALPHABET, b)? * w));
    sum.is_some_and(|sum| last != b'-' && ALPHABET[36 - ((sum + 36) % 37) as usize] == last)
}
