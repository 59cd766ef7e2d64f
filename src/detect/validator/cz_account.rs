//! Czech bank account: prefix and number, each with a check digit modulo 11, and the code of a bank.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "cz_account",
    source: "Vyhláška ČNB č. 169/2011 Sb.; ČNB: Číselník kódů platebního styku v České republice",
    check,
    valid: &["675557878/0300", "35-1812035/2220"],
    invalid: &["6578246629/8850", "19-2000145399/9999", "0000000000/0100"],
};

/// Codes of payment services in Czechia (ČNB, valid in 2025).
#[rustfmt::skip]
const BANKS: &[u32] = &[
    100, 300, 600, 710, 800, 2010, 2060, 2070, 2100, 2200, 2220, 2250, 2260, 2600, 2700, 3030, 3060, 3500, 4300, 5500, 5800,
    6000, 6200, 6210, 6300, 6363, 6700, 6800, 7910, 7950, 7960, 7970, 7990, 8030, 8040, 8060, 8090, 8150, 8190, 8198, 8220,
    8250, 8255, 8265, 8500, 8610, 8660,
];

fn check(value: &str) -> bool {
    number_and_bank(value).is_some_and(|bank| BANKS.contains(&bank))
}

/// The code of the bank, if prefix and number hold their check digits.
pub fn number_and_bank(value: &str) -> Option<u32> {
    let (number, bank) = value.split_once('/')?;
    let (prefix, root) = number.split_once('-').unwrap_or(("", number));
    let holds = |part: &str| {
        let padded = format!("{part:0>10}");
        digits::<10>(&padded).is_some_and(|d| weighted(&d, &[6, 3, 7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11))
    };
    let shape = prefix.len() <= 6 && (2..=10).contains(&root.len()) && root.bytes().any(|b| b != b'0');
    let bank = digits::<4>(bank)?.iter().fold(0, |code, &d| code * 10 + u32::from(d));
    (shape && holds(prefix) && holds(root)).then_some(bank)
}
