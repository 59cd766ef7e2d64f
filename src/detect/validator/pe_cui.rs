//! Peruvian identity number (CUI): eight digits of the DNI and a check digit or letter modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pe_cui",
    source: "Ley 26497; RENIEC",
    check,
    valid: &["203150861", "20394798D"],
    invalid: &["000615195", "92917373H"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Some((body, check)) = value.split_at_checked(8) else { return false };
    let Some(d) = digits::<8>(body) else { return false };
    let rest = (weighted(&d, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) as usize;
    let &[check] = check.as_bytes() else { return false };
    check == b"65432110987"[rest] || check == b"KJIHGFEDCBA"[rest]
}
