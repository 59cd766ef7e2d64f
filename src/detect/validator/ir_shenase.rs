//! Iranian number of legal persons: eleven digits; the tenth shifts all, the last is the check modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ir_shenase",
    source: "آیین‌نامه شناسه ملی اشخاص حقوقی، ۱۳۸۸",
    check,
    valid: &["14194898604", "10266669347"],
    invalid: &["10782229859", "10327637537"],
};

fn check(value: &str) -> bool {
    digits::<11>(value).is_some_and(|d| {
        let shifted: Vec<u8> = d[..10].iter().map(|digit| digit + d[9] + 2).collect();
        let check = weighted(&shifted, &[29, 27, 23, 19, 17, 29, 27, 23, 19, 17]) % 11 % 10;
        !all_same(&d) && check == u32::from(d[10])
    })
}
