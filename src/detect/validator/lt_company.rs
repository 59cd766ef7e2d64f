//! Lithuanian code of a legal entity: nine digits, check digit modulo 11 in two passes.

use super::Validator;
use super::checksum::{all_same, digits, mod11_twice};

pub const VALIDATOR: Validator = Validator {
    name: "lt_company",
    source: "Juridinių asmenų registro nuostatai; Registrų centras",
    check,
    valid: &["276732058", "396665739"],
    invalid: &["211794577", "000000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<9>(value) else { return false };
    !all_same(&d) && mod11_twice(&d[..8]) == u32::from(d[8])
}
