//! Brazilian health card (CNS): fifteen digits, weights 15 to 1 modulo 11.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "br_cns",
    source: "DATASUS, Rotina de validação do CNS",
    check,
    valid: &["177327744894628", "855154687146225"],
    invalid: &["181784396591258", "874753108600147", "377327744894628"],
};

fn check(value: &str) -> bool {
    digits::<15>(value).is_some_and(|d| {
        matches!(d[0], 1 | 2 | 7 | 8 | 9)
            && weighted(&d, &[15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}
