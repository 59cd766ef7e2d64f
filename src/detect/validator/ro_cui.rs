//! Romanian company code (CUI, CIF), with RO the VAT number: up to ten digits, the last one a check.

use super::Validator;
use super::checksum::{ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ro_cui",
    source: "OUG 74/2005; Codul fiscal, art. 316",
    check,
    valid: &["RO9114501719", "RO31570133"],
    invalid: &["RO625820", "454792595"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let number = value.strip_prefix("RO").unwrap_or(value);
    if !matches!(number.len(), 5..=10) || !number.bytes().all(|b| b.is_ascii_digit()) || number.starts_with('0') {
        return false;
    }
    let digits: Vec<u8> = number.bytes().map(|b| b - b'0').collect();
    let (last, body) = (digits[digits.len() - 1], &digits[..digits.len() - 1]);
    const WEIGHTS: [u32; 9] = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    weighted(body, &WEIGHTS[9 - body.len()..]) * 10 % 11 % 10 == u32::from(last)
}
