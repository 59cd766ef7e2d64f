//! Ukrainian taxpayer number (РНОКПП): the days to the birth, order, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ua_rnokpp",
    source: "Наказ Мінфіну від 29.09.2017 № 822",
    check,
    valid: &["0975403752", "2628883793"],
    invalid: &["3708711308", "2422711305"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 9] = [10, 5, 7, 9, 4, 6, 10, 5, 7];
    digits::<10>(value).is_some_and(|d| {
        // Days since 31 December 1899; 51500 is in 2040. The first weight is −1, which is 10 modulo 11.
        let days = d[..5].iter().fold(0, |days, &digit| days * 10 + u32::from(digit));
        (1..=51_500).contains(&days) && weighted(&d, &WEIGHTS) % 11 % 10 == u32::from(d[9])
    })
}
