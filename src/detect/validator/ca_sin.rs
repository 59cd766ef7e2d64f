//! Canadian social insurance number (SIN): nine digits, Luhn, the first not 0 or 8.

use super::Validator;
use super::checksum::{all_same, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ca_sin",
    source: "Employment Insurance Act, s. 138; Service Canada",
    check,
    valid: &["732369665", "368884276"],
    invalid: &["264075364", "359062432"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 9 && luhn(value) && !value.starts_with(['0', '8']) && !all_same(value.as_bytes())
}
