//! Moroccan common company identifier (ICE): fifteen digits, MOD 97.

use super::Validator;
use super::checksum::{all_same, mod97, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ma_ice",
    source: "Maroc, décret 2-11-63 (ICE); ISO/IEC 7064 MOD 97",
    check,
    valid: &["673490678185136", "949480914180630"],
    invalid: &["957018316586896", "523213482877321"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 15
        && value.bytes().all(|b| b.is_ascii_digit())
        && mod97(value.bytes()) == Some(0)
        && !all_same(value.as_bytes())
}
