//! Luxembourg identification number (matricule): date of birth, serial, Luhn and Verhoeff.

use super::Validator;
use super::checksum::{digits, luhn, pair, real_date, ungrouped, verhoeff};

pub const VALIDATOR: Validator = Validator {
    name: "lu_matricule",
    source: "Loi du 19 juin 2013 relative à l’identification des personnes physiques",
    check,
    valid: &["1964031022191", "1982012431796"],
    invalid: &["1987020713017", "1989060186520"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some(digits) = digits::<13>(&value) else { return false };
    let year = 100 * pair(&digits, 0) + pair(&digits, 2);
    let mut without_luhn = [0; 12];
    without_luhn[..11].copy_from_slice(&digits[..11]);
    without_luhn[11] = digits[12];
    (1870..=2099).contains(&year)
        && real_date(year, pair(&digits, 4), pair(&digits, 6))
        && luhn(&value[..12])
        && verhoeff(&without_luhn)
}
