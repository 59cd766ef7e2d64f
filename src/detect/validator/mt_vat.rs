//! Maltese VAT number: eight digits, weighted sum by 37.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "mt_vat",
    source: "Commissioner for Revenue, Malta: VAT number",
    check,
    valid: &["MT67659070", "MT58985736"],
    invalid: &["MT14332961", "MT42247566"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(digits) = digits::<8>(value.strip_prefix("MT").unwrap_or(&value)) else { return false };
    digits[0] != 0 && weighted(&digits, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37)
}
