//! Polish statistical number (REGON): nine digits, or fourteen of a local unit; check digits modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pl_regon",
    source: "Rozporządzenie w sprawie sposobu i metodologii prowadzenia rejestru REGON (Dz.U. 2015 poz. 2009)",
    check,
    valid: &["597363616", "74085972630271"],
    invalid: &["895232780", "02804933210078", "000000000"],
};

fn check(value: &str) -> bool {
    if let Some(d) = digits::<14>(value) {
        return value.get(..9).is_some_and(check)
            && weighted(&d, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10 == u32::from(d[13]);
    }
    let Some(d) = digits::<9>(value) else { return false };
    !all_same(&d) && weighted(&d, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == u32::from(d[8])
}
