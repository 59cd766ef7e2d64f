//! German VAT identification and business identification: MOD 11,10 over nine digits, DE and a suffix set aside.

use super::Validator;
use super::checksum::{digits, mod11_10};

pub const VALIDATOR: Validator = Validator {
    name: "de_ust_idnr",
    source: "UStG § 27a; AO § 139c; VIES algorithm sheet",
    check,
    valid: &["693471199", "DE715313891", "DE29309716700001"],
    invalid: &["781502746", "DE235183069", "071531389"],
};

fn check(value: &str) -> bool {
    let number = match value.get(..2) {
        Some(country) if country.eq_ignore_ascii_case("DE") => &value[2..],
        _ => value,
    };
    // A business identification number (W-IdNr.) has five more digits for the establishment.
    let suffix_fits = number.len() == 9 || number.len() == 14 && number.bytes().all(|b| b.is_ascii_digit());
    let base = number.get(..9).filter(|_| suffix_fits);
    base.and_then(digits::<9>).is_some_and(|d| d[0] != 0 && mod11_10(&d))
}
