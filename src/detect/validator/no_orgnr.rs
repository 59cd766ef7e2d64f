//! Norwegian organisation number: nine digits from 8 or 9, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "no_orgnr",
    source: "Enhetsregisterloven (LOV-1994-06-03-15); Brønnøysundregistrene: Organisasjonsnummeret",
    check,
    valid: &["975793737", "845 655 057"],
    invalid: &["921447722", "123456785"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<9>(&ungrouped(value)) else { return false };
    d[0] >= 8 && weighted(&d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}
