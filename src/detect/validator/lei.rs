//! Legal entity identifier: 18 characters and two MOD 97-10 check digits.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "lei",
    source: "ISO 17442-1:2020",
    check,
    valid: &["374600OE13SDDO5VIQ55", "626100I5YWOUCW624R17"],
    invalid: &["016100EE8X89AGXQA045", "374600OE13SDDO5VIQ56"],
};

fn check(value: &str) -> bool {
    value.len() == 20 && value.as_bytes()[18..].iter().all(u8::is_ascii_digit) && mod97(value.bytes()) == Some(1)
}
