//! CUSIP: eight characters and a check digit (modulus 10, double add double).

use super::Validator;
use super::checksum::{base36, cross_sum};

pub const VALIDATOR: Validator = Validator {
    name: "cusip",
    source: "ANSI X9.6-2020",
    check,
    valid: &["8072799H9", "3H92H9A74"],
    invalid: &["DA5373015", "G552BCGY0"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some((&last, body)) = bytes.split_last() else { return false };
    if bytes.len() != 9 || !last.is_ascii_digit() {
        return false;
    }
    let sum = body.iter().enumerate().try_fold(0, |sum, (i, &byte)| {
        let digit = match byte {
            b'*' => 36,
            b'@' => 37,
            b'#' => 38,
            _ => u32::from(base36(byte)?),
        };
        Some(sum + cross_sum(digit * (1 + i as u32 % 2)))
    });
    sum.is_some_and(|sum| (10 - sum % 10) % 10 == u32::from(last - b'0'))
}
