//! Spanish account number (CCC): bank, branch, two check digits, account.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "es_ccc",
    source: "Consejo Superior Bancario; Banco de España",
    check,
    valid: &["52377346092557291291", "58211749360008578107"],
    invalid: &["65187811952793875712", "01787400632507726606"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<20>(&ungrouped(value)) else { return false };
    let check = |body: &[u8], weights: &[u32]| match weighted(body, weights) % 11 {
        rest @ 0..=1 => rest,
        rest => 11 - rest,
    };
    !all_same(&d)
        && check(&d[..8], &[4, 8, 5, 10, 9, 7, 3, 6]) == u32::from(d[8])
        && check(&d[10..], &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) == u32::from(d[9])
}
