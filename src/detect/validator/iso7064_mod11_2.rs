//! ISO/IEC 7064 MOD 11-2: digits with a last character 0–9 or X.

use super::Validator;
use super::checksum::mod11_2;

pub const VALIDATOR: Validator = Validator {
    name: "iso7064_mod11_2",
    source: "ISO/IEC 7064:2003",
    check,
    valid: &["1196413411633975", "353703886369990X"],
    invalid: &["8592960375196640", "353703886369991X"],
};

fn check(value: &str) -> bool {
    mod11_2(value)
}
