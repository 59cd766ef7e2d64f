//! Medicare number: first digit 2–6, ninth digit checks the first eight, then the issue and the person on the card.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "au_medicare",
    source: "Services Australia: Medicare card number",
    check,
    valid: &["3188053465", "63222488910", "39262848492"],
    invalid: &["44967795535", "4620840235"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = value.get(..10).and_then(digits::<10>) else { return false };
    (2..=6).contains(&d[0])
        && d[9] != 0
        && weighted(&d[..8], &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == u32::from(d[8])
        && matches!(value.as_bytes()[10..], [] | [b'0'..=b'9'])
}
