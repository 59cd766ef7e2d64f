//! Argentine tax and labour key (CUIT, CUIL): type, document, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ar_cuit",
    source: "AFIP, Resolución General 10/1997",
    check,
    valid: &["34414866044", "51106084398"],
    invalid: &["50532741913", "51569623102"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    let check = match weighted(&d, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11 {
        0 => 0,
        1 => 9,
        rest => 11 - rest,
    };
    matches!(pair(&d, 0), 20 | 23 | 24 | 27 | 30 | 33 | 34 | 50 | 51 | 55) && check == u32::from(d[10])
}
