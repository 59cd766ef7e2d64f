//! French establishment number: a SIREN and five digits, Luhn over all; La Poste's digits sum to a multiple of 5.

use super::Validator;
use super::checksum::{all_same, digits, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "fr_siret",
    source: "Code de commerce, R. 123-221; INSEE, SIRENE",
    check,
    valid: &["34779300200051", "55442647800042", "35600000049837"],
    invalid: &["56308750130091", "30972503800050", "35600000049838"],
};

const LA_POSTE: &str = "356000000";
const LA_POSTE_HEAD_OFFICE: &str = "35600000000048";

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<14>(value) else { return false };
    let whole = if value.starts_with(LA_POSTE) && value != LA_POSTE_HEAD_OFFICE {
        d.iter().map(|&d| u32::from(d)).sum::<u32>().is_multiple_of(5)
    } else {
        luhn(value)
    };
    whole && luhn(&value[..9]) && !all_same(&d)
}
