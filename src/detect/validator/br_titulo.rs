//! Brazilian voter registration: eight digits, state 01–28, two check digits modulo 11.

use super::Validator;
use super::checksum::{digits, pair, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_titulo",
    source: "TSE, Resolução 23.659/2021",
    check,
    valid: &["598975382011", "414440240922"],
    invalid: &["213095909640", "713614862585"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<12>(value) else { return false };
    let state = pair(&d, 8);
    // In São Paulo (01) and Minas Gerais (02) a remainder of 0 gives 1.
    let check = |sum: u32| match sum % 11 {
        10 => 0,
        0 if state <= 2 => 1,
        rest => rest,
    };
    let first = check(weighted(&d[..8], &[2, 3, 4, 5, 6, 7, 8, 9]));
    let second = check(u32::from(d[8]) * 7 + u32::from(d[9]) * 8 + first * 9);
    (1..=28).contains(&state) && first == u32::from(d[10]) && second == u32::from(d[11])
}
