//! Portuguese tax number (NIF): nine digits, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pt_nif",
    source: "Decreto-Lei 14/2013, art. 2 to 4",
    check,
    valid: &["PT967723140", "PT773230475"],
    invalid: &["186066773", "535556265"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(d) = digits::<9>(value.strip_prefix("PT").unwrap_or(&value)) else { return false };
    let check = (11 - weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    d[0] != 0 && check == u32::from(d[8])
}
