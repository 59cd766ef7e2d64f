//! Brazilian company number (CNPJ): twelve characters, letters since 2026, and two check digits modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "br_cnpj",
    source: "Receita Federal, IN RFB 2229/2024",
    check,
    valid: &["C8NPENHP000240", "94523773000104"],
    invalid: &["80550886000265", "87730376000308", "00000000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    const WEIGHTS: [u32; 13] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let bytes = value.as_bytes();
    let Some(check) = value.get(12..).and_then(digits::<2>) else { return false };
    if !bytes[..12].iter().all(u8::is_ascii_alphanumeric) || all_same(bytes) {
        return false;
    }
    // Letters count by their place in ASCII: A is 17.
    let number = |i: usize| u32::from(bytes[i].to_ascii_uppercase() - b'0');
    let digit = |n: usize| {
        let sum: u32 = (0..n).map(|i| number(i) * WEIGHTS[13 - n + i]).sum();
        (11 - sum % 11) % 11 % 10
    };
    digit(12) == u32::from(check[0]) && digit(13) == u32::from(check[1])
}
