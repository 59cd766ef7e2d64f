//! Polish bank account (NRB): the IBAN of Poland without its country code.

use super::Validator;
use super::checksum::{mod97, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "pl_nrb",
    source: "Zarządzenie nr 7/2017 Prezesa NBP w sprawie sposobu numeracji banków i rachunków bankowych",
    check,
    valid: &["04169868195155280892503521", "48 2992 0812 5133 0615 2950 0676"],
    invalid: &["29931614908643964625415069", "00000000000000000000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some((check, account)) = value.split_at_checked(2) else { return false };
    value.len() == 26
        && value.bytes().all(|b| b.is_ascii_digit())
        && mod97(account.bytes().chain(*b"PL").chain(check.bytes())) == Some(1)
}
