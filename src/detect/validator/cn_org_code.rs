//! Chinese organisation code: eight characters and a modulo 11 check character.

use super::Validator;
use super::checksum::{all_same, base36};

pub const VALIDATOR: Validator = Validator {
    name: "cn_org_code",
    source: "GB 11714-1997",
    check,
    valid: &["852817504", "676478979", "35WU75F9-7"],
    invalid: &["BUS3ZCA58", "HVDZM0VC6"],
};

fn check(value: &str) -> bool {
    // The check character is often set off by a hyphen.
    let value = value.replacen('-', "", 1);
    let bytes = value.as_bytes();
    if bytes.len() != 9 || all_same(bytes) {
        return false;
    }
    let sum = bytes
        .iter()
        .zip([3, 7, 9, 10, 5, 8, 4, 2])
        .try_fold(0, |sum, (&byte, weight)| Some(sum + weight * u32::from(base36(byte)?)));
    sum.is_some_and(|sum| match 11 - sum % 11 {
        10 => bytes[8].eq_ignore_ascii_case(&b'X'),
        11 => bytes[8] == b'0',
        check => u32::from(bytes[8]) == u32::from(b'0') + check,
    })
}
