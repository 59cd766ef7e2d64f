//! Kazakh number of an organisation (БИН, БСН): month of registration, kind, order, the check of persons.

use super::Validator;
use super::checksum::{digits, pair};

pub const VALIDATOR: Validator = Validator {
    name: "kz_bin",
    source: "Постановление Правительства РК от 11.06.2003 № 565",
    check,
    valid: &["000561991260", "191243955909"],
    invalid: &["220661099653", "120251656707"],
};

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| {
        matches!(pair(&d, 2), 1..=12) && matches!(d[4], 4..=6) && d[5] <= 3 && super::kz_iin::last_fits(&d)
    })
}
