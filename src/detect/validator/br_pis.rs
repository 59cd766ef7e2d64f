//! Brazilian social integration number (PIS, PASEP, NIS, NIT): weighted modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_pis",
    source: "Caixa, Cadastro NIS; CNIS",
    check,
    valid: &["26144472680", "23228574535"],
    invalid: &["00869071790", "12968048921", "00000000000"],
};

fn check(value: &str) -> bool {
    digits::<11>(value).is_some_and(|d| {
        let check = (11 - weighted(&d, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
        check == u32::from(d[10]) && !all_same(&d)
    })
}
