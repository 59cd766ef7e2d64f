//! ABA routing transit number: a Federal Reserve district and the 3-7-1 check.

use super::Validator;
use super::checksum::{digits, pair, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "us_aba_routing",
    source: "ABA Key to Routing Numbers; Federal Reserve Operating Circular 1",
    check,
    valid: &["259670883", "322553798"],
    invalid: &["808636563", "091473404", "999999992", "000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<9>(value) else { return false };
    matches!(pair(&d, 0), 1..=12 | 21..=32 | 61..=72 | 80)
        && weighted(&d, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}
