//! Macedonian tax number (ЕДБ): thirteen digits, the last one a check modulo 11; MK may stand before it.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "mk_edb",
    source: "Управа за јавни приходи: ЕДБ",
    check,
    valid: &["5691167000160", "MK5475868643338"],
    invalid: &["BK4981864272784", "5483012166676"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 12] = [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];
    // The prefix is written in Latin or Cyrillic letters.
    let number = value.strip_prefix("MK").or_else(|| value.strip_prefix("МК")).unwrap_or(value);
    digits::<13>(number)
        .is_some_and(|d| !all_same(&d) && (11 - weighted(&d, &WEIGHTS) % 11) % 11 % 10 == u32::from(d[12]))
}
