//! Slovenian register number of a company: six digits and a check digit modulo 11, three more for its units.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "si_maticna",
    source: "Zakon o Poslovnem registru Slovenije (Uradni list RS, št. 49/06); AJPES",
    check,
    valid: &["3300145", "1696688533"],
    invalid: &["2371506", "0000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = value.get(..7).and_then(digits::<7>) else { return false };
    let unit = value.as_bytes().get(7..).unwrap_or_default();
    let unit_holds = match unit {
        [] => true,
        [first, rest @ ..] => {
            first.is_ascii_alphanumeric() && rest.len() == 2 && rest.iter().all(|b| b.is_ascii_digit())
        }
    };
    let check = 11 - weighted(&d, &[7, 6, 5, 4, 3, 2]) % 11;
    unit_holds && !all_same(&d) && check != 11 && check % 10 == u32::from(d[6])
}
