//! Tax code of Vietnam: nine digits, check digit modulo 11, and three digits of a branch.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "vn_mst",
    source: "Thông tư 86/2024/TT-BTC, Điều 5; Tổng cục Thuế",
    check,
    valid: &["1578116803975", "8175025722", "6540784536"],
    invalid: &["2571647080", "9762535585"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = value.get(..10).and_then(digits::<10>) else { return false };
    let branch = match value.len() {
        10 => true,
        _ => digits::<3>(&value[10..]).is_some_and(|branch| branch != [0; 3]),
    };
    let rest = weighted(&d[..9], &[31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11;
    branch && d[2..9] != [0; 7] && rest + u32::from(d[9]) == 10
}
