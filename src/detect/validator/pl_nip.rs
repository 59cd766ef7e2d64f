//! Polish tax number (NIP): ten digits, check digit modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "pl_nip",
    source: "Ustawa o zasadach ewidencji i identyfikacji podatników i płatników (Dz.U. 1995 nr 142 poz. 702), art. 10",
    check,
    valid: &["4079276188", "706-480-15-08"],
    invalid: &["0723594497", "0000000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<10>(value.strip_prefix("PL").unwrap_or(value)) else { return false };
    !all_same(&d) && weighted(&d, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == u32::from(d[9])
}
