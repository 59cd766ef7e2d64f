//! Italian medicine authorisation (AIC): nine digits beginning with 0, or the same in base 32 as on the label.

use super::Validator;
use super::checksum::{cross_sum, digits, place};

pub const VALIDATOR: Validator = Validator {
    name: "it_aic",
    source: "DM 2 agosto 2001; Agenzia Italiana del Farmaco",
    check,
    valid: &["020C4F", "14C8B1"],
    invalid: &["643217900", "1EWF69"],
};

/// The digits behind the six characters of the bar code.
fn from_base32(value: &str) -> Option<String> {
    let number = value
        .bytes()
        .try_fold(0u32, |number, byte| Some(number << 5 | place(b"0123456789BCDFGHJKLMNPQRSTUVWXYZ", byte)?))?;
    Some(format!("{number:09}"))
}

fn check(value: &str) -> bool {
    let decimal = if value.len() == 6 { from_base32(value) } else { Some(value.to_owned()) };
    let Some(d) = decimal.as_deref().and_then(digits::<9>) else { return false };
    let sum: u32 = d[..8].iter().enumerate().map(|(i, &n)| cross_sum(u32::from(n) * (1 + i as u32 % 2))).sum();
    d[0] == 0 && sum % 10 == u32::from(d[8])
}
