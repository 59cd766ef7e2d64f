//! Japanese corporate number: a check digit modulo 9, then twelve digits; T leads an invoice issuer's.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "jp_corporate_number",
    source: "法人番号の指定等に関する省令 §2 (財務省令70号)",
    check,
    valid: &["9825821844127", "T1117317298185"],
    invalid: &["3210230660780", "4484156273352", "0825821844127"],
};

fn check(value: &str) -> bool {
    let number = value.strip_prefix(['T', 't']).unwrap_or(value);
    digits::<13>(number).is_some_and(|d| {
        let sum = weighted(&d[1..], &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
        9 - sum % 9 == u32::from(d[0])
    })
}
