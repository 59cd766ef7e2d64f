//! Global release identifier of a digital recording: scheme, issuer, release, check character.

use super::Validator;
use super::checksum::{mod37_36, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "grid",
    source: "IFPI: Global Release Identifier (GRid) Standard 2.1",
    check,
    valid: &["A1-O0S2B-C7FTMWMXGT-M", "A1SNLX9XACNUI5QAXK"],
    invalid: &["A1-O0S2B-C7FTMWMXGT-N", "B1SNLX9XACNUI5QAXK", "A1-O0S2B"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 18 && value.starts_with("A1") && mod37_36(value.bytes())
}
