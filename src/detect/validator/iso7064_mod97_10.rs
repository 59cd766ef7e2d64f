//! ISO/IEC 7064 MOD 97-10: letters count 10–35, the remainder is 1.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "iso7064_mod97_10",
    source: "ISO/IEC 7064:2003",
    check,
    valid: &["C1P4MT1WE0Q88YXW27", "DVTF3ZL0HMYJI9A804"],
    invalid: &["ZYOJPH1V2BF7TSKH36", "D9ERTGWISYXH3CWM11"],
};

fn check(value: &str) -> bool {
    value.len() > 2 && mod97(value.bytes()) == Some(1)
}
