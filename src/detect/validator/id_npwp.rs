//! Taxpayer number of Indonesia: Luhn over the first nine digits, office and branch; with sixteen digits a leading 0 or a NIK.

use super::Validator;
use super::checksum::{luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "id_npwp",
    source: "PMK 112/PMK.03/2022; Direktorat Jenderal Pajak",
    check,
    valid: &["905217014201489", "0221125347025838", "623497054789287"],
    invalid: &["905217024201489", "12345678901234"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    if !value.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    match (value.len(), value.strip_prefix('0')) {
        (15, _) => luhn(&value[..9]),
        (16, Some(old)) => luhn(&old[..9]),
        _ => super::id_nik::check(value),
    }
}
