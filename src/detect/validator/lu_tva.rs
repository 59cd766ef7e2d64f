//! Luxembourg VAT number: eight digits, the last two a remainder by 89.

use super::Validator;
use super::checksum::{digits, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "lu_tva",
    source: "Administration de l’enregistrement, Luxembourg: numéro TVA",
    check,
    valid: &["LU90786666", "LU67938144"],
    invalid: &["LU35885705", "LU78625022"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(digits) = digits::<8>(value.strip_prefix("LU").unwrap_or(&value)) else { return false };
    let body = digits[..6].iter().fold(0, |number, d| number * 10 + u32::from(*d));
    body > 0 && body % 89 == pair(&digits, 6)
}
