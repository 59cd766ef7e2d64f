//! Russian pension account (СНИЛС): nine digits and a check number modulo 101.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ru_snils",
    source: "Постановление Правления ПФР от 13.01.2014 № 18п",
    check,
    valid: &["56455653423", "10263667433"],
    invalid: &["42230570941", "48211055751"],
};

fn check(value: &str) -> bool {
    digits::<11>(&ungrouped(value)).is_some_and(|d| {
        let account = d[..9].iter().fold(0, |number, &digit| number * 10 + u32::from(digit));
        // The first accounts have no check number.
        account > 1_001_998 && weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100 == pair(&d, 9)
    })
}
