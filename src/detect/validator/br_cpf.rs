//! Brazilian person number (CPF): two check digits modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_cpf",
    source: "Receita Federal, IN RFB 1548/2015",
    check,
    valid: &["52658619200", "67849551451"],
    invalid: &["93987341906", "55202252455", "11111111111"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<11>(value) else { return false };
    let check = |body: &[u8]| {
        let weights: Vec<u32> = (2..=body.len() as u32 + 1).rev().collect();
        (11 - weighted(body, &weights) % 11) % 11 % 10
    };
    !all_same(&d) && check(&d[..9]) == u32::from(d[9]) && check(&d[..10]) == u32::from(d[10])
}
