//! Slovak tax number (DIČ) and VAT number (IČ DPH): ten digits, divisible by 11.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "sk_dic",
    source: "Zákon č. 563/2009 Z. z. o správe daní, § 67; VIES",
    check,
    valid: &["2736996658", "SK2723983482"],
    invalid: &["1479088715", "0000000000", "SK1111111111"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<10>(value.strip_prefix("SK").unwrap_or(value)) else { return false };
    let rest = d.iter().fold(0, |rest, &d| (rest * 10 + u32::from(d)) % 11);
    d[0] != 0 && matches!(d[2], 2..=4 | 7..=9) && rest == 0
}
