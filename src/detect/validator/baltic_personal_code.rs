//! Personal codes of Estonia and Lithuania: sex and century, date of birth, serial, check digit modulo 11 in two passes.

use super::Validator;
use super::checksum::{digits, mod11_twice, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "baltic_personal_code",
    source: "Rahvastikuregistri seadus (RT I, 17.11.2017, 1), § 39; EVS 585:2007; Lietuvos Respublikos gyventojų registro įstatymas, 9 str.",
    check,
    valid: &["33902149412", "50207010510"],
    invalid: &["45410120436", "00000000000", "93309240064"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(value) else { return false };
    let century = match d[0] {
        1..=8 => 1800 + u32::from(d[0] - 1) / 2 * 100,
        _ => return false,
    };
    real_date(century + pair(&d, 1), pair(&d, 3), pair(&d, 5)) && mod11_twice(&d[..10]) == u32::from(d[10])
}
