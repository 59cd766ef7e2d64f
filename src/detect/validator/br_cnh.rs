//! Brazilian driving licence (CNH): nine digits and two check digits modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_cnh",
    source: "CONTRAN, Resolução 886/2021; DENATRAN, RENACH",
    check,
    valid: &["69266410163", "80810065202"],
    invalid: &["57895983469", "70803878043", "11111111111"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(value) else { return false };
    let first = weighted(&d[..9], &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    // A first remainder of 10 is written 0 and takes 2 off the second.
    let (first, less) = if first == 10 { (0, 2) } else { (first, 0) };
    let second = match weighted(&d[..9], &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 {
        10 => 0,
        rest => (rest + 11 - less) % 11 % 10,
    };
    !all_same(&d) && first == u32::from(d[9]) && second == u32::from(d[10])
}
