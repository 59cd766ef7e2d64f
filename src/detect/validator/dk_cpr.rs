//! Danish personal number (CPR): date of birth, the century in the seventh digit. Numbers issued since 2007 may break the old
//! rule modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "dk_cpr",
    source: "CPR-kontoret: Personnummeret i CPR; Personnumre uden kontrolciffer (modulus 11 kontrol)",
    check,
    valid: &["2305961520", "131293-2431"],
    invalid: &["310298-1234", "2902001234"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    let year = pair(&d, 4);
    let century = match d[6] {
        0..=3 => 1900,
        4 | 9 if year >= 37 => 1900,
        5..=8 if year >= 58 => 1800,
        _ => 2000,
    };
    real_date(century + year, pair(&d, 2), pair(&d, 0))
}
