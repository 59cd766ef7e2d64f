//! Vehicle plate of Singapore: the last two letters of the prefix and four digits give a check letter modulo 19.

use super::Validator;
use super::checksum::weighted;

pub const VALIDATOR: Validator = Validator {
    name: "sg_plate",
    source: "Land Transport Authority: vehicle registration numbers",
    check,
    valid: &["SN4639H", "SA7157E", "STZ6978R"],
    invalid: &["SIT5222E", "SIT3809U"],
};

const LETTERS: &[u8; 19] = b"AZYXUTSRPMLKJHGEDCB";

fn check(value: &str) -> bool {
    let Some((&letter, body)) = value.as_bytes().split_last() else { return false };
    let prefix = body.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let number = &body[prefix..];
    if !(1..=3).contains(&prefix)
        || !(1..=4).contains(&number.len())
        || !number.iter().all(u8::is_ascii_digit)
        || number[0] == b'0'
    {
        return false;
    }
    let mut parts = [0; 6];
    for (part, letter) in parts[..2].iter_mut().rev().zip(body[..prefix].iter().rev()) {
        *part = letter - b'A' + 1;
    }
    for (part, digit) in parts[2..].iter_mut().rev().zip(number.iter().rev()) {
        *part = digit - b'0';
    }
    LETTERS[(weighted(&parts, &[9, 4, 5, 4, 3, 2]) % 19) as usize] == letter
}
