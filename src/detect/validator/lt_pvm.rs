//! Lithuanian VAT number: nine digits, or twelve, the last but one a 1, check digit modulo 11 in two passes.

use super::Validator;
use super::checksum::{digits, mod11_twice, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "lt_pvm",
    source: "Lietuvos Respublikos pridėtinės vertės mokesčio įstatymas, 71 str.; VIES",
    check,
    valid: &["118878217", "573782175019", "LT862896049516"],
    invalid: &["115494614", "LT123456789"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let value = value.strip_prefix("LT").unwrap_or(value);
    let holds = |d: &[u8]| d[d.len() - 2] == 1 && mod11_twice(&d[..d.len() - 1]) == u32::from(d[d.len() - 1]);
    digits::<9>(value).is_some_and(|d| holds(&d)) || digits::<12>(value).is_some_and(|d| holds(&d))
}
