//! Company number of Czechia and Slovakia (IČO): eight digits, check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ico",
    source: "Zákon č. 111/2009 Sb., o základních registrech, § 24; zákon č. 272/2015 Z. z. o registri právnických osôb",
    check,
    valid: &["28480635", "716 66 869"],
    invalid: &["81864186", "00000000"],
};

pub fn check(value: &str) -> bool {
    let Some(d) = digits::<8>(&ungrouped(value)) else { return false };
    let check = match 11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        10 => 0,
        11 => 1,
        check => check,
    };
    !all_same(&d) && check == u32::from(d[7])
}
