//! Albanian identity number (NID): birth date with the decade as a letter, order, check letter modulo 23.

use super::Validator;
use super::checksum::{digits, pair, place, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "al_nid",
    source: "VKM nr. 827, datë 11.12.2003",
    check,
    valid: &["I40821923D", "J85702568K"],
    invalid: &["D45210672M", "J353108L1Q"],
};

/// Check letters by remainder, and the values of letters.
const LETTERS: &[u8; 23] = b"WABCDEFGHIJKLMNOPQRSTUV";

fn check(value: &str) -> bool {
    let &[first, .., last] = value.as_bytes() else { return false };
    let Some(d) = value.get(1..9).and_then(digits::<8>) else { return false };
    // Decades are lettered from A, the 1900s, to T, the 2090s.
    let (b'A'..=b'T', Some(letter)) = (first, place(LETTERS, first)) else { return false };
    let year = 1900 + u32::from(first - b'A') * 10 + u32::from(d[0]);
    // Sex and nationality are added to the month.
    let month = match pair(&d, 1) {
        month @ 81.. => month - 80,
        month @ 51.. => month - 50,
        month @ 31.. => month - 30,
        month => month,
    };
    let rest = (letter + weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8])) % 23;
    value.len() == 10 && real_date(year, month, pair(&d, 3)) && LETTERS[rest as usize] == last
}
