//! Russian registration number: thirteen digits of an organisation (ОГРН), fifteen of an entrepreneur (ОГРНИП).

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "ru_ogrn",
    source: "Приказ Минфина России от 30.10.2017 № 165н",
    check,
    valid: &["1154189917584", "311735089990698"],
    invalid: &["605014415890570", "319575230057931"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let divisor = match (value.len(), value.as_bytes().first()) {
        (13, Some(b'1' | b'5')) => 11,
        (15, Some(b'3')) => 13,
        _ => return false,
    };
    let Ok(number) = value.parse::<u64>() else { return false };
    // The check digit is the last one of the remainder.
    number / 10 % divisor % 10 == number % 10
}
