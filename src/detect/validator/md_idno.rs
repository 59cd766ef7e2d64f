//! Moldovan number of a person (IDNP) or an organisation (IDNO): thirteen digits, weights 7, 3, 1.

use super::Validator;
use super::checksum::{all_same, digits, icao};

pub const VALIDATOR: Validator = Validator {
    name: "md_idno",
    source: "HG nr. 333/2002; Agenția Servicii Publice",
    check,
    valid: &["1526351456774", "1486247275899"],
    invalid: &["2626469600006", "1709967592694"],
};

fn check(value: &str) -> bool {
    digits::<13>(value).is_some_and(|d| !all_same(&d) && icao(&value.as_bytes()[..12]) == Some(d[12]))
}
