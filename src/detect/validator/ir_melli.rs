//! Iranian national code: place, person, one check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ir_melli",
    source: "قانون الزام اختصاص شماره ملی و کد پستی، ۱۳۷۶",
    check,
    valid: &["9369477446", "4040157184"],
    invalid: &["3525934767", "1432102712"],
};

fn check(value: &str) -> bool {
    digits::<10>(&ungrouped(value)).is_some_and(|d| {
        let rest = weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest < 2 { rest } else { 11 - rest };
        !all_same(&d) && d[..3] != [0, 0, 0] && check == u32::from(d[9])
    })
}
