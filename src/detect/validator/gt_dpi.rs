//! Guatemalan personal number (CUI on the DPI): eight digits, check digit, department and town.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gt_dpi",
    source: "RENAP: Código Único de Identificación",
    check,
    valid: &["2295 52536 0201", "1111 50035 0303"],
    invalid: &["3782 71156 0600", "1777 74010 1600"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<13>(&ungrouped(value)) else { return false };
    let towns = pair(&digits, 11);
    (1..=22).contains(&pair(&digits, 9))
        && towns > 0
        && weighted(&digits[..8], &[2, 3, 4, 5, 6, 7, 8, 9]) % 11 == u32::from(digits[8])
        && digits[..8].iter().any(|d| *d != 0)
}
