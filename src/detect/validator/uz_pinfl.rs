//! Uzbek personal number (JSHSHIR, ПИНФЛ): sex and century, birth date, district, order, weights 7, 3, 1.

use super::Validator;
use super::checksum::{digits, icao, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "uz_pinfl",
    source: "Oʻzbekiston Respublikasi Ichki ishlar vazirligi: JSHSHIR; ICAO Doc 9303",
    check,
    valid: &["42001870001526", "42812968386766"],
    invalid: &["30102541508297", "40112333264633"],
};

fn check(value: &str) -> bool {
    digits::<14>(value).is_some_and(|d| {
        let century = match d[0] {
            1 | 2 => 1800,
            3 | 4 => 1900,
            5 | 6 => 2000,
            _ => return false,
        };
        real_date(century + pair(&d, 5), pair(&d, 3), pair(&d, 1)) && icao(&value.as_bytes()[..13]) == Some(d[13])
    })
}
