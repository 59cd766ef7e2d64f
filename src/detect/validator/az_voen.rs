//! Azerbaijani tax number (VÖEN): territory, order, one check digit modulo 11, kind of payer.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "az_voen",
    source: "Vergi Məcəlləsi, maddə 34; OECD TIN sheet Azerbaijan",
    check,
    valid: &["3971715101", "3274909162"],
    invalid: &["3267393342", "8653246271"],
};

fn check(value: &str) -> bool {
    digits::<10>(value).is_some_and(|d| {
        weighted(&d, &[4, 1, 8, 6, 2, 7, 5, 3]) % 11 == u32::from(d[8]) && matches!(d[9], 1 | 2) && d[..2] != [0, 0]
    })
}
