//! Austrian VAT number: U, seven digits, a check digit after Luhn.

use super::Validator;
use super::checksum::{digits, luhn_sum, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "at_uid",
    source: "UStG 1994, Art. 28",
    check,
    valid: &["ATU51959689", "ATU40475366"],
    invalid: &["ATU58076813", "J16059119"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("AT").unwrap_or(&value);
    let Some(d) = number.strip_prefix('U').and_then(digits::<8>) else { return false };
    (luhn_sum(d[..7].iter().copied()) + u32::from(d[7])) % 10 == 6
}
