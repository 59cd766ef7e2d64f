//! Singapore identity number (NRIC, FIN): series, seven digits, check letter modulo 11.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "sg_nric",
    source: "National Registration Act 1965; Immigration and Checkpoints Authority (series M: 2022)",
    check,
    valid: &["T9980080H", "M6604502U", "S6491494D"],
    invalid: &["F2075955N", "F7912338U"],
};

fn check(value: &str) -> bool {
    let Some(d) = value.get(1..8).and_then(digits::<7>) else { return false };
    let (&[series], &[letter]) = (&value.as_bytes()[..1], &value.as_bytes()[8..]) else { return false };
    let (offset, letters) = match series {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        b'M' => (3, b"XWUTRQPNJLK"),
        _ => return false,
    };
    letters[((offset + weighted(&d, &[2, 7, 6, 5, 4, 3, 2])) % 11) as usize] == letter
}
