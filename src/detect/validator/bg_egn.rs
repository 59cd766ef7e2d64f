//! Bulgarian civil number (ЕГН): birth date with the century in the month, order, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "bg_egn",
    source: "Закон за гражданската регистрация, чл. 11; ГРАО",
    check,
    valid: &["3309025789", "9109081195"],
    invalid: &["0112103245", "0167269611"],
};

fn check(value: &str) -> bool {
    digits::<10>(value).is_some_and(|d| {
        let (century, month) = match pair(&d, 2) {
            month @ 41.. => (2000, month - 40),
            month @ 21.. => (1800, month - 20),
            month => (1900, month),
        };
        real_date(century + pair(&d, 0), month, pair(&d, 4))
            && weighted(&d, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == u32::from(d[9])
    })
}
