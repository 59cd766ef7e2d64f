//! Ship number of the International Maritime Organization: seven digits, weights 7 to 2, modulo 10.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "imo_number",
    source: "IMO Resolution A.1117(30)",
    check,
    valid: &["9784910", "9964845", "IMO 8002016"],
    invalid: &["9784911", "0000000", "978491"],
};

fn check(value: &str) -> bool {
    let value = value.strip_prefix("IMO").map_or(value, |rest| rest.trim_start_matches([' ', ':']));
    let Some(d) = digits::<7>(value) else { return false };
    d[0] != 0 && weighted(&d, &[7, 6, 5, 4, 3, 2]) % 10 == u32::from(d[6])
}
