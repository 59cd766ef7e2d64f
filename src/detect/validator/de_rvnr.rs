//! German pension insurance number: area, birth date, initial, serial and a check digit.

use super::Validator;
use super::checksum::{cross_sum, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "de_rvnr",
    source: "SGB VI § 147; VKVV § 2",
    check,
    valid: &["08101201R692", "80190507Z215", "26151281K281"],
    invalid: &["20300446O200", "28050484X497", "01101201R692"],
};

/// Area numbers of the insurers (VKVV, annex; areas in use).
fn area(number: u32) -> bool {
    matches!(number, 2..=4 | 8..=21 | 23..=26 | 28 | 29 | 38..=40 | 42..=44 | 48..=82 | 89)
}

fn check(value: &str) -> bool {
    let value = value.as_bytes();
    if value.len() != 12 || !value[8].is_ascii_alphabetic() {
        return false;
    }
    let letter = value[8].to_ascii_uppercase() - b'A' + 1;
    let mut plain = [0; 13];
    for (digit, &byte) in
        plain.iter_mut().zip(value[..8].iter().chain([&(b'0' + letter / 10), &(b'0' + letter % 10)]).chain(&value[9..]))
    {
        match byte.checked_sub(b'0').filter(|d| *d < 10) {
            Some(d) => *digit = d,
            None => return false,
        }
    }
    let weights = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let sum: u32 = plain.iter().zip(weights).map(|(&d, w)| cross_sum(u32::from(d) * w)).sum();
    area(pair(&plain, 0)) && real_date(2000, pair(&plain, 4), pair(&plain, 2)) && sum % 10 == u32::from(plain[12])
}
