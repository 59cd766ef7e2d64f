//! Resident registration number of Korea: date of birth, century and sex, place, check digit. Since October 2020 the last six
//! digits are random, so those born later have no check digit.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "kr_rrn",
    source: "주민등록법 시행규칙 제2조; 주민등록법 시행령",
    check,
    valid: &["6107281045261", "4505062143913", "2108273965705"],
    invalid: &["8412112324443", "4210271991073"],
};

/// First month (year, month) of numbers whose last six digits are random.
const RANDOM_SINCE: (u32, u32) = (2020, 10);
/// Years from here on are nobody's year of birth yet.
const UNBORN: u32 = 2040;

fn check(value: &str) -> bool {
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    let century = match d[6] {
        1 | 2 => 1900,
        3 | 4 => 2000,
        _ => return false,
    };
    let (year, month) = (century + pair(&d, 0), pair(&d, 2));
    let checked = || {
        let sum = weighted(&d[..12], &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
        pair(&d, 7) <= 96 && (11 - sum % 11) % 10 == u32::from(d[12])
    };
    year < UNBORN && real_date(year, month, pair(&d, 4)) && ((year, month) >= RANDOM_SINCE || checked())
}
