//! IMEI: 15 digits, Luhn.

use super::Validator;
use super::checksum::{all_same, luhn};

pub const VALIDATOR: Validator = Validator {
    name: "imei",
    source: "3GPP TS 23.003, annex B",
    check,
    valid: &["536841866038508", "602003983147352"],
    invalid: &["345670572064410", "233865965897923", "000000000000000"],
};

fn check(value: &str) -> bool {
    value.len() == 15 && luhn(value) && !all_same(value.as_bytes())
}
