//! Greek social security number (AMKA): birth date, order, Luhn.

use super::Validator;
use super::checksum::{digits, luhn, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "gr_amka",
    source: "Ν. 3655/2008, άρθρο 153",
    check,
    valid: &["20119666764", "18047605094"],
    invalid: &["29116575994", "07050531332"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<11>(value) else { return false };
    let born = |century| real_date(century + pair(&d, 4), pair(&d, 2), pair(&d, 0));
    luhn(value) && (born(1900) || born(2000))
}
