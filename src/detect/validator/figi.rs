//! Financial instrument global identifier: issuer of the code, `G`, eight consonants and digits, check digit.

use super::Validator;
use super::checksum::{base36, cross_sum};

pub const VALIDATOR: Validator = Validator {
    name: "figi",
    source: "OMG Financial Instrument Global Identifier 1.2, annex on check digits; ANSI X9.145",
    check,
    valid: &["BBG5Y482B9V4", "BBGQLP1S9CK3"],
    invalid: &["BBG5Y482B9V5", "GBG5Y482B9V4", "BBG5Y482B9A4"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some((&last, body)) = bytes.split_last().filter(|(_, body)| body.len() == 11) else { return false };
    let shaped = bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() && !b"AEIOU".contains(b));
    // Prefixes that would begin an ISIN of Bahamas, Bermuda, Guernsey, Great Britain or the Virgin Islands.
    let taken = [b"BS", b"BM", b"GG", b"GB", b"VG"].iter().any(|prefix| bytes.starts_with(*prefix));
    if !shaped || taken || bytes[0].is_ascii_digit() || bytes[1].is_ascii_digit() || bytes[2] != b'G' {
        return false;
    }
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(i, &b)| cross_sum(u32::from(base36(b).unwrap_or_default()) * if i % 2 == 0 { 1 } else { 2 }))
        .sum();
    last.is_ascii_digit() && (sum + u32::from(last - b'0')).is_multiple_of(10)
}
