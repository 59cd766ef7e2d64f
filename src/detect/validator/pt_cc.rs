//! Portuguese citizen card: identity number, its check digit, version, Luhn over digits and letters.

use super::Validator;
use super::checksum::{base36, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "pt_cc",
    source: "Lei 7/2007; AMA, Validação de número de documento do Cartão de Cidadão",
    check,
    valid: &["1205986682T7", "428313953WA2"],
    invalid: &["960887159DH6", "802127357US8"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    if value.len() != 12 {
        return false;
    }
    let Some(values) = value.bytes().map(base36).collect::<Option<Vec<u8>>>() else { return false };
    let letters_only_in_version = values.iter().enumerate().all(|(i, &v)| v < 10 || i == 9 || i == 10);
    // Letters count 10 to 35, of which nine is taken when the double is above it.
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &v)| {
            let v = u32::from(v) * (1 + i as u32 % 2);
            if i % 2 == 1 && v > 9 { v - 9 } else { v }
        })
        .sum();
    letters_only_in_version && sum.is_multiple_of(10)
}
