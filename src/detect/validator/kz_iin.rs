//! Kazakh number of a person (ИИН, ЖСН): birth date, sex and century, order, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "kz_iin",
    source: "Постановление Правительства РК от 11.06.2003 № 565",
    check,
    valid: &["080604501237", "170528644694"],
    invalid: &["580213410587", "640974352298"],
};

/// The two rows of weights of numbers of persons and organisations.
const FIRST: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SECOND: [u32; 11] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2];

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| {
        let century = match d[6] {
            1 | 2 => 1800,
            3 | 4 => 1900,
            0 | 5 | 6 => 2000,
            _ => return false,
        };
        real_date(century + pair(&d, 0), pair(&d, 2), pair(&d, 4)) && last_fits(&d)
    })
}

/// Whether the last digit is the check. A number whose second sum leaves 10 is not issued.
pub fn last_fits(d: &[u8; 12]) -> bool {
    weighted_twice(d, &FIRST, &SECOND) == u32::from(d[11])
}
