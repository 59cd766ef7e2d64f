//! Health and care number of Northern Ireland: ten digits from 320, weights 10 to 2 modulo 11 as in the NHS number.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gb_hcn",
    source: "NHS Data Dictionary, HEALTH AND CARE NUMBER",
    check,
    valid: &["3328494367", "331 216 2092"],
    invalid: &["8556954397", "4287730402"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    d[0] == 3 && d[1] >= 2 && weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}
