//! Canadian business number (BN): nine digits, Luhn, and perhaps the account of a programme.

use super::Validator;
use super::checksum::{all_same, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ca_bn",
    source: "Canada Revenue Agency, RC2",
    check,
    valid: &["523205680RC8053", "543764450RP8945"],
    invalid: &["848008980", "180802950"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some((number, account)) = value.split_at_checked(9) else { return false };
    let account = match account.split_at_checked(2) {
        Some((program, reference)) => {
            matches!(program, "RC" | "RM" | "RP" | "RT")
                && reference.len() == 4
                && reference.bytes().all(|b| b.is_ascii_digit())
        }
        None => account.is_empty(),
    };
    luhn(number) && !all_same(number.as_bytes()) && account
}
