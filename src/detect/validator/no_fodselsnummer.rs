//! Norwegian identity number: date of birth, serial that tells the century, two check digits modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "no_fodselsnummer",
    source: "Folkeregisterforskriften (FOR-2017-07-14-1201), §§ 2-2-1 to 2-2-4",
    check,
    valid: &["21085044378", "45112841370", "420958 05129"],
    invalid: &["27022111748", "00000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    born(&d)
        && weighted(&d, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

/// D-numbers add 40 to the day, H-numbers 40 to the month.
fn born(d: &[u8; 11]) -> bool {
    let (day, month, year) = (pair(d, 0), pair(d, 2), pair(d, 4));
    let century = match pair(d, 6) * 10 + u32::from(d[8]) {
        0..=499 => 1900,
        500..=749 if year >= 54 => 1800,
        500..=999 if year < 40 => 2000,
        900..=999 => 1900,
        _ => return false,
    };
    let less = |n: u32| if n > 40 { n - 40 } else { n };
    day < 80 && real_date(century + year, less(month), less(day))
}
