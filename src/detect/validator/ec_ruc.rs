//! Ecuadorian taxpayer number (RUC): person, public body or company, and the establishment.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ec_ruc",
    source: "Ley del Registro Único de Contribuyentes; SRI",
    check,
    valid: &["0151852332001", "0469639468001"],
    invalid: &["2047140010001", "2109496456001"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<13>(value) else { return false };
    let person = || d[10..] != [0, 0, 0] && (super::ec_ci::VALIDATOR.check)(&value[..10]);
    let public = || d[9..] != [0, 0, 0, 0] && weighted(&d, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    let company = || d[10..] != [0, 0, 0] && weighted(&d, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    super::ec_ci::province(pair(&d, 0))
        && match d[2] {
            0..=5 => person(),
            6 => public() || person(),
            9 => public() || company(),
            _ => false,
        }
}
