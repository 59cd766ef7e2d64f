//! Hungarian tax number of a person: 8, days from 1867 to the birth, serial, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "hu_adoazonosito",
    source: "1996. évi XX. törvény, 1. melléklet; 2017. évi CL. törvény az adózás rendjéről",
    check,
    valid: &["8418063955", "8596 902 945"],
    invalid: &["8422429148", "1234567890"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    d[0] == 8 && weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == u32::from(d[9])
}
