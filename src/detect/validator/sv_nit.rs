//! Salvadoran tax number (NIT): town, date, serial, check digit.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "sv_nit",
    source: "Ministerio de Hacienda, El Salvador: NIT",
    check,
    valid: &["0141-240189-433-0", "0621-300670-671-7"],
    invalid: &["0509-061153-546-4", "0790-180577-918-2"],
};

fn check(value: &str) -> bool {
    let Some(digits) = digits::<14>(&ungrouped(value)) else { return false };
    if !matches!(digits[0], 0 | 1 | 9) || all_same(&digits) {
        return false;
    }
    // numbers of before 1994 have serials up to 100 and another sum
    let old = digits[10] == 0 || digits[10..13] == [1, 0, 0];
    let check = if old {
        weighted(&digits[..13], &[14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11 % 10
    } else {
        (11 - weighted(&digits[..13], &[2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10
    };
    u32::from(digits[13]) == check
}
