//! Bank account of New Zealand: bank, branch, account, suffix, with the check the bank uses.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "nz_bankaccount",
    source: "Payments NZ: bank account number validation; Inland Revenue: RWT and NRWT specification",
    check,
    valid: &["3854369072928056", "061433907340276", "1178843982737088"],
    invalid: &["384668506917294", "280919879814350"],
};

/// Weights of the sixteen digits, the modulus products above it are reduced by, and the modulus of their sum.
type Algorithm = ([u32; 16], u32, u32);

const A: Algorithm = ([0, 0, 6, 3, 7, 9, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0], 11, 11);
const B: Algorithm = ([0, 0, 0, 0, 0, 0, 0, 10, 5, 8, 4, 2, 1, 0, 0, 0], 11, 11);
const D: Algorithm = ([0, 0, 0, 0, 0, 0, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0], 11, 11);
const E: Algorithm = ([0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 4, 3, 2, 0, 0, 1], 9, 11);
const F: Algorithm = ([0, 0, 0, 0, 0, 0, 1, 7, 3, 1, 7, 3, 1, 0, 0, 0], 10, 10);
const G: Algorithm = ([0, 0, 0, 0, 0, 0, 1, 3, 7, 1, 3, 7, 1, 3, 7, 1], 9, 10);

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let padded = match (value.len(), value.get(..13)) {
        (15, Some(head)) => format!("{head}0{}", &value[13..]),
        _ => value.to_owned(),
    };
    let Some(d) = digits::<16>(&padded) else { return false };
    let Some((weights, inner, outer)) = algorithm(d[0] * 10 + d[1], &d[6..13]) else { return false };
    let product = |(&digit, weight): (&u8, u32)| match u32::from(digit) * weight {
        product if product > inner => product % inner,
        product => product,
    };
    d.iter().zip(weights).map(product).sum::<u32>().is_multiple_of(outer)
}

/// The check of a bank; the oldest one has another for high account numbers. Bank 31 has none.
fn algorithm(bank: u8, account: &[u8]) -> Option<Algorithm> {
    match bank {
        1..=4 | 6 | 10..=24 | 27 | 30 | 35 | 38 if account < [0, 9, 9, 0, 0, 0, 0].as_slice() => Some(A),
        1..=4 | 6 | 10..=24 | 27 | 30 | 35 | 38 => Some(B),
        8 => Some(D),
        9 => Some(E),
        25 | 33 => Some(F),
        26 | 28 | 29 => Some(G),
        _ => None,
    }
}
