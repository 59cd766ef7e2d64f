//! French VAT number: a two-character key and a SIREN; Monaco's begin with 000.

use super::Validator;
use super::checksum::{digits, luhn, place};

pub const VALIDATOR: Validator = Validator {
    name: "fr_tva",
    source: "CGI art. 286 ter; VIES algorithm sheet",
    check,
    valid: &["92563582378", "FR06708911888", "K7399859412"],
    invalid: &["D9696571813", "14662912595", "FR07708911888"],
};

fn check(value: &str) -> bool {
    /// O and I are not used in keys.
    const KEY: &[u8] = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let number = match value.get(..2) {
        Some("FR" | "fr") if value.len() == 13 => &value[2..],
        _ => value,
    };
    let (Some(key), Some(siren)) = (number.get(..2), number.get(2..).filter(|s| digits::<9>(s).is_some())) else {
        return false;
    };
    if !siren.starts_with("000") && !luhn(siren) {
        return false;
    }
    let Ok(siren) = siren.parse::<u64>() else { return false };
    let at = |i: usize| place(KEY, key.as_bytes()[i].to_ascii_uppercase()).map(u64::from);
    let (Some(first), Some(second)) = (at(0), at(1)) else { return false };
    match (first, second) {
        (0..=9, 0..=9) => (siren * 100 + 12) % 97 == first * 10 + second,
        // Below 10 the product is taken from 240 so that the key never goes negative.
        (0..=9, _) => modern(siren, first * 24 + second - 10),
        _ => modern(siren, first * 34 + second - 100),
    }
}

/// The key with a letter: 11 divides the number, plus one, plus the quotient, minus the rest.
fn modern(siren: u64, key: u64) -> bool {
    (siren + 1 + key / 11) % 11 == key % 11
}
