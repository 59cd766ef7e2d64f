//! Finnish business identifier (Y-tunnus) and VAT number: seven digits and a check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "fi_ytunnus",
    source: "Yritys- ja yhteisötietolaki (244/2001), 9 §; Verohallinto: Y-tunnuksen tarkistusmerkki",
    check,
    valid: &["3270688-4", "FI12657843"],
    invalid: &["84361012", "0000000-0"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<8>(value.strip_prefix("FI").unwrap_or(value)) else { return false };
    !all_same(&d) && weighted(&d, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11)
}
