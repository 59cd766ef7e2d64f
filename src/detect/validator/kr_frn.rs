//! Foreigner registration number of Korea: date of birth, century and sex. It has had no check digit since October 2020.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "kr_frn",
    source: "출입국관리법 시행규칙 제47조",
    check,
    valid: &["4308156682589", "4310206787037", "6003188456171"],
    invalid: &["1904807281174", "6544118265852"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    let century = match d[6] {
        5 | 6 => 1900,
        7 | 8 => 2000,
        _ => return false,
    };
    real_date(century + pair(&d, 0), pair(&d, 2), pair(&d, 4))
}
