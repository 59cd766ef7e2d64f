//! Swedish personal number and coordination number: date of birth (the day plus 60 for the latter), serial, Luhn.

use super::Validator;
use super::checksum::{luhn, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "se_personnummer",
    source: "Folkbokföringslagen (1991:481), 18 § and 18 a §",
    check,
    valid: &["960480-7066", "195909125881", "19850684-1926"],
    invalid: &["111023-6683", "901332-1234", "17900101-1239"],
};

fn check(value: &str) -> bool {
    let plus = value.contains('+');
    let value: String = value.chars().filter(|c| !matches!(c, '-' | '+' | ' ')).collect();
    let d: Vec<u8> = value.bytes().map(|b| b.wrapping_sub(b'0')).collect();
    let (century, short) = match d.len() {
        10 => (if plus { 19 } else { 20 }, &value[..]),
        12 => (pair(&d, 0), value.get(2..).unwrap_or_default()),
        _ => return false,
    };
    if !(18..=20).contains(&century) || !luhn(short) {
        return false;
    }
    let d = &d[d.len() - 10..];
    let day = pair(d, 4);
    real_date(century * 100 + pair(d, 0), pair(d, 2), if day > 60 { day - 60 } else { day })
}
