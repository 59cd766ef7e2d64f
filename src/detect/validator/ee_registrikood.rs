//! Estonian register code: eight digits that begin with 1, 7, 8 or 9, check digit modulo 11 in two passes.

use super::Validator;
use super::checksum::{all_same, digits, mod11_twice};

pub const VALIDATOR: Validator = Validator {
    name: "ee_registrikood",
    source: "Äriregistri seadus (RT I, 05.05.2022, 1); RIK: registrikood",
    check,
    valid: &["80716942", "95727348"],
    invalid: &["94407376", "22345678", "11111111"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<8>(value) else { return false };
    matches!(d[0], 1 | 7..=9) && !all_same(&d) && mod11_twice(&d[..7]) == u32::from(d[7])
}
