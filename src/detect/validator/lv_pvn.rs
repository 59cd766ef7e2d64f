//! Latvian register number of a company, also its VAT number: eleven digits from 4 on, modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "lv_pvn",
    source: "Valsts ieņēmumu dienests: PVN maksātāju reģistrs; VIES",
    check,
    valid: &["42346603146", "62778425336"],
    invalid: &["52756457896", "LV12345678901"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<11>(value.strip_prefix("LV").unwrap_or(value)) else { return false };
    d[0] > 3 && weighted(&d, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3
}
