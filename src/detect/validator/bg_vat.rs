//! Bulgarian VAT number: BG and the company number, or the ten digits of a person, a foreigner or another.

use super::Validator;
use super::checksum::{digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "bg_vat",
    source: "Закон за данък върху добавената стойност, чл. 94; VIES algorithm sheet",
    check,
    valid: &["BG4259507134", "BG179775462"],
    invalid: &["BG2103S0820", "BG0102106219"],
};

/// Weights of numbers of no register of persons, check digit included.
const OTHERS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];

fn check(value: &str) -> bool {
    let Some(number) = value.strip_prefix("BG") else { return false };
    match digits::<9>(number) {
        Some(d) => super::bg_eik::is_company(&d),
        None => {
            (super::bg_egn::VALIDATOR.check)(number)
                || (super::bg_lnch::VALIDATOR.check)(number)
                || digits::<10>(number).is_some_and(|d| weighted(&d, &OTHERS).is_multiple_of(11))
        }
    }
}
