//! Hong Kong identity card number: one or two letters, six digits, check character modulo 11.

use super::Validator;
use super::checksum::base36;

pub const VALIDATOR: Validator = Validator {
    name: "hk_hkid",
    source: "Registration of Persons Regulations (Cap. 177A); Immigration Department",
    check,
    valid: &["CR9770602", "XO4955159", "JC7002448"],
    invalid: &["WB9140188", "I3778571"],
};

/// What a missing first letter counts.
const BLANK: u32 = 36;

fn check(value: &str) -> bool {
    let bytes: Vec<u8> = value.bytes().filter(|b| !matches!(b, b'(' | b')' | b' ')).collect();
    let Some((&check, body)) = bytes.split_last() else { return false };
    let Some(letters) = body.len().checked_sub(6) else { return false };
    let check = match check {
        b'0'..=b'9' => u32::from(check - b'0'),
        b'A' => 10,
        _ => return false,
    };
    if !(1..=2).contains(&letters)
        || !body[..letters].iter().all(u8::is_ascii_uppercase)
        || !body[letters..].iter().all(u8::is_ascii_digit)
    {
        return false;
    }
    let values = body.iter().rev().filter_map(|&byte| base36(byte)).map(u32::from).chain([BLANK]);
    let sum: u32 = values.zip(2..=9).map(|(value, weight)| value * weight).sum();
    (sum + check).is_multiple_of(11)
}
