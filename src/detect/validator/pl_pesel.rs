//! Polish personal number (PESEL): date of birth with the century in the month, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pl_pesel",
    source: "Ustawa o ewidencji ludności (Dz.U. 2010 nr 217 poz. 1427), art. 15; rozporządzenie w sprawie nadania numeru PESEL",
    check,
    valid: &["68121008439", "76091895506"],
    invalid: &["67080232274", "00000000000", "90139912345"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(value) else { return false };
    let month = pair(&d, 2);
    let century = [1900, 2000, 2100, 2200, 1800][month as usize / 20];
    weighted(&d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
        && real_date(century + pair(&d, 0), month % 20, pair(&d, 4))
}
