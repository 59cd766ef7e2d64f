//! Cypriot tax and VAT number: eight digits, check letter.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "cy_vat",
    source: "Tax Department, Cyprus: TIC",
    check,
    valid: &["CY39214486I", "CY94804273X"],
    invalid: &["CY30660818S", "CY49285075K"],
};

fn check(value: &str) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let value = ungrouped(value);
    let value = value.strip_prefix("CY").unwrap_or(&value);
    let Some((number, letter)) = value.split_at_checked(8) else { return false };
    let Some(digits) = digits::<8>(number) else { return false };
    let sum: u32 =
        digits.iter().enumerate().map(|(i, d)| if i % 2 == 0 { ODD[usize::from(*d)] } else { u32::from(*d) }).sum();
    digits[..2] != [1, 2] && letter.as_bytes() == [b'A' + (sum % 26) as u8]
}
