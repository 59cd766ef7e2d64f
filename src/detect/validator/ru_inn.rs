//! Russian taxpayer number (ИНН): ten digits of an organisation, twelve with two check digits of a person.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ru_inn",
    source: "Приказ ФНС России от 29.06.2012 № ММВ-7-6/435@",
    check,
    valid: &["691874306848", "8258919516"],
    invalid: &["0472782287", "704158441172"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let value = &*ungrouped(value);
    let check = |body: &[u8]| weighted(body, &WEIGHTS[11 - body.len()..]) % 11 % 10;
    let sums_fit = match value.len() {
        10 => digits::<10>(value).is_some_and(|d| check(&d[..9]) == u32::from(d[9])),
        12 => digits::<12>(value)
            .is_some_and(|d| check(&d[..10]) == u32::from(d[10]) && check(&d[..11]) == u32::from(d[11])),
        _ => false,
    };
    // The first two digits are a region; there is none numbered 00.
    sums_fit && !value.starts_with("00")
}
