//! UK VAT registration: nine digits (three more for a branch), weighted modulo 97.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_vat",
    source: "HMRC, VAT registration number check; VIES algorithm sheet",
    check,
    valid: &["428045461", "153759933", "832011721199"],
    invalid: &["955536544", "141613002", "000000000"],
};

fn check(value: &str) -> bool {
    let number = strip_country(value);
    let Some(d) = number.get(..9).and_then(digits::<9>) else { return false };
    let branch = &number[9..];
    if !(branch.is_empty() || branch.len() == 3 && branch.bytes().all(|b| b.is_ascii_digit())) || all_same(&d) {
        return false;
    }
    // Numbers from 100 on may use the series offset by 55, introduced in 2009.
    let rest = weighted(&d, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
    rest == 0 || d[0] != 0 && matches!(rest, 42 | 55)
}

fn strip_country(value: &str) -> &str {
    match value.get(..2) {
        Some(country) if country.eq_ignore_ascii_case("GB") || country.eq_ignore_ascii_case("XI") => &value[2..],
        _ => value,
    }
}
