//! Identity number of South Africa: date of birth, order and sex, citizenship, Luhn.

use super::Validator;
use super::checksum::{digits, luhn, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "za_id",
    source: "Identification Act 68 of 1997, s 7; Department of Home Affairs",
    check,
    valid: &["4906262229119", "3310083169110", "4401222011062"],
    invalid: &["5901082285116", "5712084005139"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    digits::<13>(value).is_some_and(|d| {
        // Every fourth two-digit year is a leap year of one century or the other.
        d[10] <= 2 && real_date(2000 + pair(&d, 0), pair(&d, 2), pair(&d, 4)) && luhn(value)
    })
}
