//! Medicare provider number: six digits, practice location, check letter modulo 11.

use super::Validator;
use super::checksum::{digits, place, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "au_provider",
    source: "Services Australia: provider number, check character",
    check,
    valid: &["156809FB", "150854RL", "6206479Y"],
    invalid: &["483686GX", "4266633L"],
};

const LOCATIONS: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUVWXY";
const LETTERS: &[u8; 11] = b"YXWTLKJHFBA";

fn check(value: &str) -> bool {
    let Some(d) = value.get(..6).and_then(digits::<6>) else { return false };
    let &[location, letter] = &value.as_bytes()[6..] else { return false };
    place(LOCATIONS, location).is_some_and(|location| {
        let sum = weighted(&d, &[3, 5, 8, 4, 2, 1]) + 6 * location;
        LETTERS[(sum % 11) as usize] == letter
    })
}
