//! Thirteen-digit number of Thailand: persons begin with 1–8, companies with 0; check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "th_pin",
    source: "พระราชบัญญัติการทะเบียนราษฎร พ.ศ. 2534; Revenue Department: TIN",
    check,
    valid: &["5839784332748", "6812284774646", "6679591957037"],
    invalid: &["5559918547518", "5191396169079"],
};

fn check(value: &str) -> bool {
    digits::<13>(&ungrouped(value)).is_some_and(|d| {
        let sum = weighted(&d[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
        d[0] != 9 && (11 - sum % 11) % 10 == u32::from(d[12])
    })
}
