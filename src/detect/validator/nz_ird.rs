//! Inland revenue number of New Zealand: eight or nine digits, check digit modulo 11 with a second row of weights.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted_twice};

pub const VALIDATOR: Validator = Validator {
    name: "nz_ird",
    source: "Inland Revenue: RWT and NRWT specification, IRD number validation",
    check,
    valid: &["130946135", "89992326", "127283494"],
    invalid: &["57113369", "30237705"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let padded = match value.len() {
        8 => format!("0{value}"),
        _ => value.to_owned(),
    };
    let Some(d) = digits::<9>(&padded) else { return false };
    let number = d.iter().fold(0, |number, &digit| number * 10 + u32::from(digit));
    // Both rows sum to the negated check digit, so weights are given as their complements modulo 11.
    let check = weighted_twice(&d[..8], &[8, 9, 4, 5, 6, 7, 8, 9], &[4, 7, 8, 9, 6, 9, 4, 5]);
    (10_000_001..150_000_000).contains(&number) && check == u32::from(d[8])
}
