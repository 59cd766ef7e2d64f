//! Dutch citizen service number (BSN) and legal entity number (RSIN): the 11-test.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "nl_bsn",
    source: "Wet algemene bepalingen burgerservicenummer; Besluit BSN",
    check,
    valid: &["242672437", "623709831"],
    invalid: &["504534664", "309486593"],
};

/// The remainder of the 11-test, in which the last digit counts -1.
pub fn eleven_test(d: &[u8; 9]) -> u32 {
    (weighted(d, &[9, 8, 7, 6, 5, 4, 3, 2]) + 11 - u32::from(d[8])) % 11
}

fn check(value: &str) -> bool {
    digits(&ungrouped(value)).is_some_and(|d| !all_same(&d) && eleven_test(&d) == 0)
}
