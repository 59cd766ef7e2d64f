//! Chinese resident identity number: province, birth date, order, MOD 11-2.

use super::Validator;
use super::checksum::{digits, mod11_2, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "cn_ric",
    source: "GB 11643-1999; GB/T 2260",
    check,
    valid: &["310104199802210881", "330102199512088348", "110101199409228480"],
    invalid: &["440103799304102653", "510104200206258724", "990104199802210881", "310104199802300881"],
};

fn check(value: &str) -> bool {
    let Some(d) = value.get(..17).and_then(digits::<17>) else { return false };
    let year = pair(&d, 6) * 100 + pair(&d, 8);
    province(pair(&d, 0))
        && (1900..2100).contains(&year)
        && real_date(year, pair(&d, 10), pair(&d, 12))
        && value.len() == 18
        && mod11_2(value)
}

/// First two digits of the region (GB/T 2260), with 81–83 for residence permits of Hong Kong, Macao and Taiwan.
pub fn province(code: u32) -> bool {
    matches!(code, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
}
