//! CAS registry number of a substance: up to seven digits, two, and a check digit modulo 10.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "cas_number",
    source: "Chemical Abstracts Service: check digit verification of CAS registry numbers",
    check,
    valid: &["558073-02-2", "257368-19-7", "403642-62-6"],
    invalid: &["558073-02-3", "0558073-02-2", "1-02-2", "7732-18"],
};

fn check(value: &str) -> bool {
    let mut parts = value.split('-');
    let (Some(body), Some(two), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    if !(2..=7).contains(&body.len()) || body.starts_with('0') || two.len() != 2 || last.len() != 1 {
        return false;
    }
    let sum = body
        .bytes()
        .chain(two.bytes())
        .rev()
        .zip(1..)
        .try_fold(0, |sum, (byte, place)| byte.is_ascii_digit().then(|| sum + u32::from(byte - b'0') * place));
    sum.is_some_and(|sum| last.parse() == Ok(sum % 10))
}
