//! Bulgarian company number (ЕИК, БУЛСТАТ): nine digits, thirteen with the branch.

use super::Validator;
use super::checksum::{all_same, digits, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "bg_eik",
    source: "Закон за регистър БУЛСТАТ, чл. 6",
    check,
    valid: &["169449685", "2027824521160"],
    invalid: &["8439226308841", "123462930"],
};

fn check(value: &str) -> bool {
    match value.len() {
        9 => digits::<9>(value).is_some_and(|d| is_company(&d)),
        13 => digits::<13>(value).is_some_and(|d| {
            is_company(&d[..9])
                && weighted_twice(&d[8..12], &[2, 7, 3, 5], &[4, 9, 5, 7]) % 10 == u32::from(d[12])
                && !all_same(&d)
        }),
        _ => false,
    }
}

/// Whether the last of nine digits is the check of those before it.
pub fn is_company(d: &[u8]) -> bool {
    let check = weighted_twice(d, &[1, 2, 3, 4, 5, 6, 7, 8], &[3, 4, 5, 6, 7, 8, 9, 10]) % 10;
    !all_same(d) && d.last().is_some_and(|&last| check == u32::from(last))
}
