//! Swedish organisation number: ten digits, also with the prefix 16, Luhn.

use super::Validator;
use super::checksum::{luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "se_orgnr",
    source: "Lag (1974:174) om identitetsbeteckning för juridiska personer m.fl., 2 §",
    check,
    valid: &["997179-4129", "166867863422"],
    invalid: &["1789902847", "121212-1212", "000000-0000"],
};

pub fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let short = if value.len() == 12 { value.strip_prefix("16").unwrap_or_default() } else { value };
    short.len() == 10 && short.as_bytes()[2] >= b'2' && luhn(short)
}
