//! Ukrainian organisation code (ЄДРПОУ): eight digits; the weights depend on the first.

use super::Validator;
use super::checksum::{all_same, digits, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "ua_edrpou",
    source: "Постанова КМУ від 22.01.1996 № 118",
    check,
    valid: &["48067817", "17405008"],
    invalid: &["11975072", "439610R5"],
};

fn check(value: &str) -> bool {
    digits::<8>(value).is_some_and(|d| {
        let check = match d[0] {
            3..=5 => weighted_twice(&d, &[7, 1, 2, 3, 4, 5, 6], &[9, 3, 4, 5, 6, 7, 8]),
            _ => weighted_twice(&d, &[1, 2, 3, 4, 5, 6, 7], &[3, 4, 5, 6, 7, 8, 9]),
        };
        !all_same(&d) && check % 10 == u32::from(d[7])
    })
}
