//! British electricity supply point (MPAN core): distribution network, ten digits, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_mpan",
    source: "Balancing and Settlement Code, BSCP501; Retail Energy Code: MPAN core",
    check,
    valid: &["2240398734388", "13 8961 7624 472"],
    invalid: &["1842003135648", "0000000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    // The primes from 3 on, without 11.
    let sum = weighted(&d, &[3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43]);
    (10..=39).contains(&pair(&d, 0)) && sum % 11 % 10 == u32::from(d[12])
}
