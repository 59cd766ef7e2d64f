//! Dutch education number: 10, then digits whose 11-test leaves 5.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "nl_onderwijsnummer",
    source: "DUO; Wet register onderwijsdeelnemers",
    check,
    valid: &["104159668", "106905266"],
    invalid: &["101632854", "102795003"],
};

fn check(value: &str) -> bool {
    digits(&ungrouped(value)).is_some_and(|d| d[..2] == [1, 0] && super::nl_bsn::eleven_test(&d) == 5)
}
