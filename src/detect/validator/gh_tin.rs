//! Taxpayer number of Ghana: kind, 00, seven digits, check character modulo 11.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gh_tin",
    source: "Ghana Revenue Authority: TIN; OECD TIN sheet Ghana",
    check,
    valid: &["P0080672264", "C001360578X", "V0070556873"],
    invalid: &["Q0044345774", "C0012430718"],
};

fn check(value: &str) -> bool {
    let Some(d) = value.get(1..10).and_then(digits::<9>) else { return false };
    let (&[kind], &[last]) = (&value.as_bytes()[..1], &value.as_bytes()[10..]) else { return false };
    let check = match weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 {
        10 => b'X',
        rest => b'0' + rest as u8,
    };
    matches!(kind, b'P' | b'C' | b'G' | b'Q' | b'V') && d[..2] == [0, 0] && check == last
}
