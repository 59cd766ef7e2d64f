//! Swedish VAT number: SE, organisation number, 01.

use super::checksum::ungrouped;
use super::{Validator, se_orgnr};

pub const VALIDATOR: Validator = Validator {
    name: "se_vat",
    source: "Skatteverket: momsregistreringsnummer (VAT-nummer); VIES",
    check,
    valid: &["SE612882294401", "SE 758006 1237 01"],
    invalid: &["SE839912800801", "286541210601"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let number = value.strip_prefix("SE").and_then(|rest| rest.strip_suffix("01"));
    number.is_some_and(|number| number.len() == 10 && se_orgnr::check(number))
}
