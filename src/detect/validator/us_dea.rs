//! US DEA registration: class letter, initial or 9, six digits and a check digit.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "us_dea",
    source: "21 CFR 1301.35; DEA Diversion Control, registration number",
    check,
    valid: &["PA6464565", "UU7179345", "AY6095500"],
    invalid: &["FH2234598", "HX0492904", "QA6464565"],
};

fn check(value: &str) -> bool {
    let (Some(head), Some(d)) = (value.get(..2), value.get(2..).and_then(digits::<7>)) else { return false };
    let head = head.as_bytes();
    b"ABCDEFGHJKLMPRSTUX".contains(&head[0].to_ascii_uppercase())
        && (head[1].is_ascii_alphabetic() || head[1] == b'9')
        && weighted(&d, &[1, 2, 1, 2, 1, 2]) % 10 == u32::from(d[6])
}
