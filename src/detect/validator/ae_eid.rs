//! Emirates identity number: 784, year of birth, seven digits, Luhn.

use super::Validator;
use super::checksum::{digits, luhn, pair, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ae_eid",
    source: "Federal Authority for Identity, Citizenship, Customs and Port Security: identity card",
    check,
    valid: &["784197875316750", "784200835869858"],
    invalid: &["784200703771309", "784109308836396"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    digits::<15>(value).is_some_and(|d| {
        let year = pair(&d, 3) * 100 + pair(&d, 5);
        d[..3] == [7, 8, 4] && (1900..2100).contains(&year) && luhn(value)
    })
}
