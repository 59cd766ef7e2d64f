//! Serial number of a euro banknote: one letter or two, digits, the whole divisible by 9.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "eu_banknote",
    source: "European Central Bank: Euro banknotes, serial numbers",
    check,
    valid: &["MW5256396637", "JT1554885814"],
    invalid: &["Z20355726578", "A00000000000"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    let [first, second, rest @ ..] = bytes else { return false };
    let shape = rest.len() == 10
        && matches!(first, b'B'..=b'Z')
        && !matches!(first, b'I' | b'K' | b'O' | b'Q')
        && (second.is_ascii_digit() || second.is_ascii_uppercase())
        && rest.iter().all(u8::is_ascii_digit);
    // Letters count by their number in ASCII.
    let sum: u32 = bytes.iter().map(|&b| u32::from(if b.is_ascii_digit() { b - b'0' } else { b })).sum();
    shape && sum.is_multiple_of(9)
}
