//! Luhn's check over any run of digits.

use super::Validator;
use super::checksum::luhn;

pub const VALIDATOR: Validator = Validator {
    name: "luhn",
    source: "ISO/IEC 7812-1, annex B",
    check,
    valid: &["9836900602677355", "536841866038508"],
    invalid: &["4684874926859692", "8464289269771952", "7"],
};

fn check(value: &str) -> bool {
    luhn(value)
}
