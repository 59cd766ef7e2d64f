//! Chinese mobile number: 11 digits in a range that an operator holds.

use super::Validator;
use super::checksum::{all_same, digits};

pub const VALIDATOR: Validator = Validator {
    name: "cn_mobile",
    source: "MIIT, numbering plan (电信网码号资源)",
    check,
    valid: &["13812345678", "8619912345678"],
    invalid: &["12812345678", "14012345678", "1381234567"],
};

fn check(value: &str) -> bool {
    let national = if value.len() == 13 { value.strip_prefix("86") } else { Some(value) };
    national.and_then(digits::<11>).is_some_and(|d| {
        d[0] == 1
            && match d[1] {
                3 | 5 | 8 => d[1] != 5 || d[2] != 4,
                4 => matches!(d[2], 1 | 4..=9),
                6 => matches!(d[2], 2 | 5 | 6 | 7),
                7 => d[2] != 9,
                9 => d[2] != 4,
                _ => false,
            }
            && !all_same(&d[3..])
    })
}
