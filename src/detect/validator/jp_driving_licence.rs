//! Japanese driving licence number: twelve digits, the eleventh checks modulo 11, the twelfth counts reissues.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "jp_driving_licence",
    source: "警察庁, 運転免許証番号の検査数字",
    check,
    valid: &["434821370844", "902470268852"],
    invalid: &["535930509904", "965392240289", "000000000000"],
};

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| {
        let rest = weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest <= 1 { 0 } else { 11 - rest };
        check == u32::from(d[10]) && !all_same(&d[..10])
    })
}
