//! Ukrainian VAT payer number (ІПН платника ПДВ): twelve digits, the last one a check modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "ua_vat",
    source: "Податковий кодекс України, ст. 183; Наказ Мінфіну від 14.11.2014 № 1130",
    check,
    valid: &["209184877817", "675693022959"],
    invalid: &["573359272082", "406244559824"],
};

/// Primes from 11 to 53: the first row of weights ends before the last, the second begins after the first.
const WEIGHTS: [u32; 12] = [11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];

fn check(value: &str) -> bool {
    digits::<12>(value)
        .is_some_and(|d| !all_same(&d) && weighted_twice(&d[..11], &WEIGHTS, &WEIGHTS[1..]) % 10 == u32::from(d[11]))
}
