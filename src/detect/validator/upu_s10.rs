//! International postal item: service, eight digits, check digit modulo 11, country.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};
use crate::diagnostic::country;

pub const VALIDATOR: Validator = Validator {
    name: "upu_s10",
    source: "UPU standard S10-12",
    check,
    valid: &["EO183162165CN", "EK 863 644 180 FR"],
    invalid: &["EO183162166CN", "EO183162165XX", "E1183162165CN"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let (Some(service), Some(number), Some(country)) = (value.get(..2), value.get(2..11), value.get(11..)) else {
        return false;
    };
    let Some(d) = digits::<9>(number) else { return false };
    let check = match 11 - weighted(&d, &[8, 6, 4, 2, 3, 5, 9, 7]) % 11 {
        10 => 0,
        11 => 5,
        check => check,
    };
    service.bytes().all(|b| b.is_ascii_uppercase()) && check == u32::from(d[8]) && country::is_iso2(country)
}
