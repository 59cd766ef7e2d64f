//! Hungarian tax number of a business: eight digits with a check digit modulo 10, as in the VAT number, then the kind of VAT and the county.

use super::Validator;
use super::checksum::{all_same, digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "hu_adoszam",
    source: "2017. évi CL. törvény az adózás rendjéről, 1. melléklet; VIES",
    check,
    valid: &["24267810", "16414608-1-10"],
    invalid: &["32064518", "00000000-2-42", "12345676-0-42"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let value = value.strip_prefix("HU").unwrap_or(value);
    let Some(d) = value.get(..8).and_then(digits::<8>) else { return false };
    let kind_and_county = match value.len() {
        8 => true,
        11 => digits::<3>(&value[8..]).is_some_and(|d| (1..=5).contains(&d[0]) && county(pair(&d, 1))),
        _ => false,
    };
    kind_and_county && !all_same(&d) && weighted(&d, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10)
}

/// Counties have two codes each, parts of Budapest 41 to 43, large taxpayers 44, foreign ones 51.
fn county(code: u32) -> bool {
    matches!(code, 2..=20 | 22..=44 | 51)
}
