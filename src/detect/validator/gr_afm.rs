//! Greek tax register number (AFM): eight digits with powers of two, check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "gr_afm",
    source: "Ν. 5104/2024 (Κώδικας Φορολογικής Διαδικασίας); ΑΑΔΕ",
    check,
    valid: &["678716175", "068525275"],
    invalid: &["662136590", "906487848"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("EL").or_else(|| value.strip_prefix("GR")).unwrap_or(&value);
    let Some(d) = digits::<9>(number) else { return false };
    !all_same(&d) && weighted(&d, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == u32::from(d[8])
}
