//! Spanish tax number (NIF) of persons and entities; ES may stand before it.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "es_nif",
    source: "Real Decreto 1065/2007, art. 18 to 23",
    check,
    valid: &["Y1160619F", "58011445V"],
    invalid: &["X5840910V", "W88221465"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let number = value.strip_prefix("ES").unwrap_or(&value);
    match number.as_bytes().first() {
        Some(b'0'..=b'9') => (super::es_dni::VALIDATOR.check)(number),
        Some(b'X'..=b'Z') => (super::es_nie::VALIDATOR.check)(number),
        // Children, Spaniards abroad and foreigners without a number of their own.
        Some(b'K'..=b'M') => (super::es_dni::VALIDATOR.check)(&format!("0{}", &number[1..])),
        _ => (super::es_cif::VALIDATOR.check)(number),
    }
}
