//! Andorran tax register number (NRT): letter of the kind, six digits, letter.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "ad_nrt",
    source: "Govern d’Andorra: número de registre tributari",
    check,
    valid: &["G-262478-S", "C-133002-P"],
    invalid: &["C-860919-", "C-895974-"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let [kind, number @ .., last] = value.as_bytes() else { return false };
    if number.len() != 6 || !number.iter().all(u8::is_ascii_digit) || !last.is_ascii_uppercase() {
        return false;
    }
    match kind {
        b'A' | b'L' => number[0] == b'7',
        b'F' => number[0] <= b'6',
        kind => b"CDEGOPU".contains(kind),
    }
}
