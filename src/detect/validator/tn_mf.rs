//! Tunisian tax number (matricule fiscal): seven digits, control letter, VAT code, category, establishment.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "tn_mf",
    source: "Ministère des Finances, Tunisie: matricule fiscal",
    check,
    valid: &["3990899/A/B/C/000", "0699576/G/B/M/000"],
    invalid: &["4788197/Y/B/N/00", "9345738/K/B/P/00"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let Some((number, rest)) = value.as_bytes().split_at_checked(7) else { return false };
    if !number.iter().all(u8::is_ascii_digit) {
        return false;
    }
    match rest {
        [key, vat, category, establishment @ ..] => {
            b"ABCDEFGHJKLMNPQRSTVWXYZ".contains(key)
                && b"APBDN".contains(vat)
                && b"MPCNE".contains(category)
                && establishment.len() == 3
                && establishment.iter().all(u8::is_ascii_digit)
                && (establishment == b"000" || *category == b'E')
        }
        _ => false,
    }
}
