//! Colombian tax number (NIT): up to fifteen digits with weights of primes, check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "co_nit",
    source: "DIAN, Decreto 1625/2016, art. 1.6.1.2.1",
    check,
    valid: &["521543875", "8546003473"],
    invalid: &["3544804060", "97568699427"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 15] = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71];
    let value = &*ungrouped(value);
    if !(8..=16).contains(&value.len()) || !value.bytes().all(|b| b.is_ascii_digit()) || all_same(value.as_bytes()) {
        return false;
    }
    let mut digits = value.bytes().rev().map(|b| u32::from(b - b'0'));
    let check = digits.next();
    let rest = digits.zip(WEIGHTS).map(|(d, w)| d * w).sum::<u32>() % 11;
    check == Some(if rest < 2 { rest } else { 11 - rest })
}
