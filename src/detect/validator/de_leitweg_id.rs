//! German e-invoice routing id: state, optional detail, MOD 97-10.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "de_leitweg_id",
    source: "KoSIT, Leitweg-ID Formatspezifikation 2.0.2",
    check,
    valid: &["0931-UHI5UUCG-27", "992778-6LDX-86", "131-B8O1-66"],
    invalid: &["11-AMJB-36", "994840-ARQBTHZ1E-31", "17-UHI5UUCG-27"],
};

fn check(value: &str) -> bool {
    let mut parts = value.split('-');
    let (Some(coarse), Some(second)) = (parts.next(), parts.next()) else { return false };
    let (fine, check) = match parts.next() {
        Some(third) => (second, third),
        None => ("", second),
    };
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let state = coarse.get(..2).unwrap_or_default();
    parts.next().is_none()
        && (2..=12).contains(&coarse.len())
        && all_digits(coarse)
        && (matches!(state, "99") || ("01"..="16").contains(&state))
        && fine.len() <= 30
        && check.len() == 2
        && all_digits(check)
        && mod97(value.bytes().filter(|b| *b != b'-')) == Some(1)
}
