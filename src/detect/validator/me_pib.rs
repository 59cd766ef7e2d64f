//! Montenegrin tax number (PIB): eight digits, the last one a check modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "me_pib",
    source: "Uprava prihoda i carina Crne Gore: PIB",
    check,
    valid: &["38942151", "21662622"],
    invalid: &["Y8504423", "32298988"],
};

fn check(value: &str) -> bool {
    digits::<8>(value)
        .is_some_and(|d| !all_same(&d) && (11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10 == u32::from(d[7]))
}
