//! French bank account (RIB): bank, branch, account and a key modulo 97.

use super::Validator;
use super::checksum::{all_same, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "fr_rib",
    source: "CFONB, RIB; Comité français d'organisation et de normalisation bancaires",
    check,
    valid: &["8520658421MHJSDAJ110681", "832616135219PXCX0DEWH22"],
    invalid: &["21533879900YY8XE6RG4F13", "05487860267SUSXRYTQ7G46"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let bytes = value.as_bytes();
    if bytes.len() != 23 {
        return false;
    }
    // Letters count 1–9, 1–9, 2–9: A and J are 1, S is 2.
    let digit = |byte: u8| match byte.to_ascii_uppercase() {
        d @ b'0'..=b'9' => Some(u64::from(d - b'0')),
        l @ b'A'..=b'I' => Some(u64::from(l - b'A') + 1),
        l @ b'J'..=b'R' => Some(u64::from(l - b'J') + 1),
        l @ b'S'..=b'Z' => Some(u64::from(l - b'S') + 2),
        _ => None,
    };
    let number = |part: &[u8]| part.iter().try_fold(0, |n, &byte| Some(n * 10 + digit(byte)?));
    let parts = (number(&bytes[..5]), number(&bytes[5..10]), number(&bytes[10..21]), number(&bytes[21..]));
    let (Some(bank), Some(branch), Some(account), Some(key)) = parts else { return false };
    bytes[..10].iter().chain(&bytes[21..]).all(u8::is_ascii_digit)
        && !all_same(bytes)
        && 97 - (89 * bank + 15 * branch + 3 * account) % 97 == key
}
