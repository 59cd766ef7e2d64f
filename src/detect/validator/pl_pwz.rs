//! Polish licence of physicians and dentists (PWZ): check digit modulo 11 first, then six digits.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pl_pwz",
    source: "Naczelna Izba Lekarska: zasady weryfikowania numeru prawa wykonywania zawodu",
    check,
    valid: &["7150437", "7502297"],
    invalid: &["9537052", "0000000"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<7>(value) else { return false };
    d[0] != 0 && weighted(&d[1..], &[1, 2, 3, 4, 5, 6]) % 11 == u32::from(d[0])
}
