//! Czech tax number (DIČ): that of a company, a birth number, or nine digits that begin with 6.

use super::checksum::{digits, ungrouped, weighted};
use super::{Validator, ico, rodne_cislo};

pub const VALIDATOR: Validator = Validator {
    name: "cz_dic",
    source: "Zákon č. 280/2009 Sb., daňový řád, § 130; VIES",
    check,
    valid: &["CZ64349225", "CZ649283647", "CZ1157113716"],
    invalid: &["CZ72747806", "CZ12345678", "CZ612345678"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let value = value.strip_prefix("CZ").unwrap_or(value);
    match value.len() {
        8 => !value.starts_with('9') && ico::check(value),
        9 if value.starts_with('6') => digits::<9>(value).is_some_and(|d| {
            let check = weighted(&d[1..8], &[8, 7, 6, 5, 4, 3, 2]) % 11;
            (18 - (10 + 11 - check) % 11) % 10 == u32::from(d[8])
        }),
        _ => rodne_cislo::check(value),
    }
}
