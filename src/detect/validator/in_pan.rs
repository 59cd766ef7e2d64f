//! Indian permanent account number: five letters of which the fourth is the holder's kind, four digits, a letter.

use super::Validator;
use super::checksum::digits;

pub const VALIDATOR: Validator = Validator {
    name: "in_pan",
    source: "Income-tax Rules 1962, rule 114; Income Tax Department, PAN structure",
    check,
    valid: &["XUVCK2405N", "PPGBS1516E"],
    invalid: &["XUVDK2405N", "XUVCK0000N", "XUVC2405N", "XUVCK24051"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 10
        && bytes[..5].iter().all(u8::is_ascii_alphabetic)
        && b"ABCFGHJKLPT".contains(&bytes[3].to_ascii_uppercase())
        && value.get(5..9).and_then(digits::<4>).is_some_and(|d| d != [0; 4])
        && bytes[9].is_ascii_alphabetic()
}
