//! Portuguese bank account (NIB): 21 digits, ISO 7064 MOD 97-10.

use super::Validator;
use super::checksum::{all_same, digits, mod97, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "pt_nib",
    source: "Banco de Portugal, Instrução 47/2000",
    check,
    valid: &["517198491073767005977", "629906872193930671587"],
    invalid: &["617792370027242681232", "304500946695057848697"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    digits::<21>(value).is_some_and(|d| !all_same(&d)) && mod97(value.bytes()) == Some(1)
}
