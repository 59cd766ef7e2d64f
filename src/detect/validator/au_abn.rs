//! Australian business number: two leading check digits modulo 89.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "au_abn",
    source: "Australian Business Register: format of the ABN",
    check,
    valid: &["11000116271", "78372514774", "23578270102"],
    invalid: &["45374606180", "15325239139"],
};

fn check(value: &str) -> bool {
    let Some(mut d) = digits::<11>(&ungrouped(value)) else { return false };
    if d[0] == 0 {
        return false;
    }
    d[0] -= 1;
    weighted(&d, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]).is_multiple_of(89)
}
