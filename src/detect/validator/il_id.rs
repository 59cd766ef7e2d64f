//! Israeli number of a person or a company, and of persons in the Palestinian register: nine digits, Luhn.

use super::Validator;
use super::checksum::{all_same, luhn, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "il_id",
    source: "חוק מרשם האוכלוסין, התשכ״ה-1965; רשות התאגידים",
    check,
    valid: &["339383101", "312318249"],
    invalid: &["233460970", "59151721O"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    value.len() == 9 && luhn(value) && !all_same(value.as_bytes())
}
