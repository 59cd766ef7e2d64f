//! ISO/IEC 7064 MOD 11,10: digits with one check digit.

use super::Validator;
use super::checksum::{digits, mod11_10};

pub const VALIDATOR: Validator = Validator {
    name: "iso7064_mod11_10",
    source: "ISO/IEC 7064:2003",
    check,
    valid: &["53103145573", "10563381892"],
    invalid: &["46596598478", "19286383785"],
};

fn check(value: &str) -> bool {
    match value.len() {
        9 => digits::<9>(value).is_some_and(|d| mod11_10(&d)),
        11 => digits::<11>(value).is_some_and(|d| mod11_10(&d)),
        13 => digits::<13>(value).is_some_and(|d| mod11_10(&d)),
        _ => false,
    }
}
