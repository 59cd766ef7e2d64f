//! Identity card number of Mauritius: initial, date of birth, order, check character modulo 17.

use super::Validator;
use super::checksum::{base36, digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "mu_nid",
    source: "National Identity Card Act 1985; Mauritius National Identity Card: format",
    check,
    valid: &["Y2911208705832", "G250463984879G", "X1309381995662"],
    invalid: &["C050138385532F", "E1510515161918"],
};

fn check(value: &str) -> bool {
    let Some(d) = value.get(1..13).and_then(digits::<12>) else { return false };
    let (&[initial @ b'A'..=b'Z'], &[last]) = (&value.as_bytes()[..1], &value.as_bytes()[13..]) else { return false };
    let weights = (2..=14).rev();
    let values = base36(initial).into_iter().chain(d);
    let sum: u32 = values.zip(weights).map(|(value, weight)| u32::from(value) * weight).sum();
    let check = match (17 - sum % 17) % 17 {
        digit @ 0..=9 => b'0' + digit as u8,
        letter => b'A' + (letter - 10) as u8,
    };
    real_date(2000 + pair(&d, 4), pair(&d, 2), pair(&d, 0)) && check == last
}
