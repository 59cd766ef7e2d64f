//! Hungarian education identifier: 7, nine digits, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "hu_oktatasi",
    source: "79/2006. (IV. 5.) Korm. rendelet, 9. melléklet",
    check,
    valid: &["79333389107", "78757780082"],
    invalid: &["73053796469", "12345678901"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(value) else { return false };
    d[0] == 7 && weighted(&d, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11 == u32::from(d[10])
}
