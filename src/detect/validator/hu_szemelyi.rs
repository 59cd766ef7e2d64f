//! Hungarian personal identifier: sex and century, date of birth, serial, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "hu_szemelyi",
    source: "1996. évi XX. törvény a személyazonosító jel helyébe lépő azonosítási módokról, 2. melléklet",
    check,
    valid: &["16712070591", "4-110804-3009"],
    invalid: &["42207355925", "00000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    let later = matches!(d[0], 3 | 4 | 7 | 8);
    let year = pair(&d, 1) + if later { 2000 } else { 1900 };
    // The weights turned round for those born since 1997.
    let ahead = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let sum = if year >= 1997 {
        ahead.iter().rev().zip(&d).map(|(w, &d)| w * u32::from(d)).sum()
    } else {
        weighted(&d, &ahead)
    };
    (1..=8).contains(&d[0]) && real_date(year, pair(&d, 3), pair(&d, 5)) && sum % 11 == u32::from(d[10])
}
