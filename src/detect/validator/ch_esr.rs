//! Swiss payment reference (QR reference, formerly ESR): 27 digits, recursive check modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ch_esr",
    source: "SIX, Swiss Implementation Guidelines QR-bill, annex B",
    check,
    valid: &["526451404689073254138486947", "451845262230180000162057054"],
    invalid: &["212484504913811659027752978", "982797336381431944712338509"],
};

fn check(value: &str) -> bool {
    const CARRY: [u8; 10] = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5];
    let Some(d) = digits::<27>(&ungrouped(value)) else { return false };
    let carry = d[..26].iter().fold(0u8, |carry, digit| CARRY[usize::from((digit + carry) % 10)]);
    !all_same(&d) && (10 - carry) % 10 == d[26]
}
