//! Russian statistical code (ОКПО): eight digits of an organisation, ten of an entrepreneur.

use super::Validator;
use super::checksum::{all_same, digits, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "ru_okpo",
    source: "Рекомендации Р 50.1.024-2005, приложение",
    check,
    valid: &["46951574", "9315251725"],
    invalid: &["1677879648", "63742397"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1];
    let fits = |d: &[u8]| {
        let (body, last) = (&d[..d.len() - 1], d[d.len() - 1]);
        !all_same(d) && weighted_twice(body, &WEIGHTS, &WEIGHTS[2..]) % 10 == u32::from(last)
    };
    digits::<8>(value).is_some_and(|d| fits(&d)) || digits::<10>(value).is_some_and(|d| fits(&d))
}
