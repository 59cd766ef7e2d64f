//! Norwegian bank account: eleven digits modulo 11; accounts of the former post giro begin with 0000 and end in Luhn's digit.

use super::Validator;
use super::checksum::{all_same, digits, luhn, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "no_kontonr",
    source: "Bits: Norsk kontonummerstandard",
    check,
    valid: &["7680.73.33956", "00005479688"],
    invalid: &["47430224895", "00000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<11>(value) else { return false };
    match value.strip_prefix("0000") {
        Some(giro) => !all_same(&d) && luhn(giro),
        None => !all_same(&d) && weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11),
    }
}
