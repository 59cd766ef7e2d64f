//! Scottish Community Health Index number: a birth date, then the NHS check.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_chi",
    source: "Public Health Scotland, National Data Catalogue: CHI number",
    check,
    valid: &["2108530061", "2809316228"],
    invalid: &["0808968666", "2601558286", "4287730402"],
};

fn check(value: &str) -> bool {
    digits::<10>(value).is_some_and(|d| {
        real_date(2000, pair(&d, 2), pair(&d, 0)) && weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}
