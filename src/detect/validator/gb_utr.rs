//! Unique taxpayer reference: ten digits, the check digit first.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_utr",
    source: "HMRC, UTR modulus check; OECD TIN sheet United Kingdom",
    check,
    valid: &["5829800299", "2922180443"],
    invalid: &["1390269378", "5341911450"],
};

fn check(value: &str) -> bool {
    let number = value.strip_suffix(['K', 'k']).unwrap_or(value);
    digits::<10>(number).is_some_and(|d| {
        let rest = weighted(&d[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
        b"21987654321"[rest as usize] - b'0' == d[0]
    })
}
