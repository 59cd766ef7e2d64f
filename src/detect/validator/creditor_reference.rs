//! Structured creditor reference: RF, two check digits, up to 21 characters.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "creditor_reference",
    source: "ISO 11649:2009",
    check,
    valid: &["RF17OOY2EX3A55E5", "RF53WOEPH6Z1LFMA"],
    invalid: &["RF50TSI586BGK5U3", "RF83222XBIQAO6IK"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    (5..=25).contains(&bytes.len())
        && bytes[..2].eq_ignore_ascii_case(b"RF")
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && mod97(bytes[4..].iter().chain(&bytes[..4]).copied()) == Some(1)
}
