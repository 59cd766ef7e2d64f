//! Polish land and mortgage register (księga wieczysta): court, number, check digit modulo 10.

use super::Validator;
use super::checksum::place;

pub const VALIDATOR: Validator = Validator {
    name: "pl_kw",
    source: "Rozporządzenie w sprawie zakładania i prowadzenia ksiąg wieczystych w systemie teleinformatycznym (Dz.U. 2016 poz. 312), § 3",
    check,
    valid: &["EZ6M/31975897/4", "LU1B/00012345/8"],
    invalid: &["BE4U/70485243/7", "LU1B/00012345/6", "LUAB/00012345/8"],
};

/// Characters by their value. The letters are those of court codes.
const ALPHABET: &[u8] = b"0123456789XABCDEFGHIJKLMNOPRSTUWYZ";

fn check(value: &str) -> bool {
    let value = value.replace('/', "");
    let Some((body, last)) = value.split_at_checked(12) else { return false };
    let shape = body.bytes().enumerate().all(|(i, b)| match i {
        0 | 1 | 3 => b.is_ascii_uppercase() && b != b'X',
        _ => b.is_ascii_digit(),
    });
    let sum =
        body.bytes().zip([1, 3, 7].into_iter().cycle()).try_fold(0, |sum, (b, w)| Some(sum + place(ALPHABET, b)? * w));
    shape && sum.is_some_and(|sum| last.parse() == Ok(sum % 10)) && last.len() == 1
}
