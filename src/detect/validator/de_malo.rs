//! German market location (MaLo-ID): eleven digits, first one the issuer, check digit of railway wagons.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "de_malo",
    source: "BDEW: Identifikatoren in der Marktkommunikation",
    check,
    valid: &["99908091245", "35089961410", "67900727689"],
    invalid: &["99908091246", "05089961410", "3508996141"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    d[0] != 0 && weighted(&d, &[1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]).is_multiple_of(10)
}
