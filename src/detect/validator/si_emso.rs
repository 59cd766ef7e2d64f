//! Unique master citizen number of Slovenia (EMŠO) and, where they are still used, of Croatia: date of birth, region, serial,
//! check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "si_emso",
    source: "Zakon o centralnem registru prebivalstva (Uradni list RS, št. 72/06), 7.–10. člen",
    check,
    valid: &["1801973576166", "1108991595391"],
    invalid: &["1207930013528", "0000000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(value) else { return false };
    let year = match u32::from(d[4]) * 100 + pair(&d, 5) {
        year @ 900.. => 1000 + year,
        year @ ..100 => 2000 + year,
        _ => return false,
    };
    let sum = weighted(&d, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    real_date(year, pair(&d, 2), pair(&d, 0)) && (11 - sum % 11) % 11 % 10 == u32::from(d[12])
}
