//! Japanese resident register code: eleven digits, weighted modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "jp_juminhyo",
    source: "住民基本台帳法施行規則 §1",
    check,
    valid: &["07200483612", "02834625388"],
    invalid: &["54427566020", "51582646614", "00000000000"],
};

fn check(value: &str) -> bool {
    digits::<11>(value).is_some_and(|d| {
        let rest = weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest <= 1 { 0 } else { 11 - rest };
        check == u32::from(d[10]) && !all_same(&d[..10])
    })
}
