//! Austrian social insurance number: order, check digit modulo 11, birth date.

use super::Validator;
use super::checksum::{digits, pair, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "at_svnr",
    source: "ASVG § 460d; Dachverband der Sozialversicherungsträger",
    check,
    valid: &["6185280834", "8937081205"],
    invalid: &["4014030840", "4671280332"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    d[0] != 0
        && weighted(&d, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == u32::from(d[3])
        && (1..=31).contains(&pair(&d, 4))
        // Months from 13 on are given when the numbers of a day are used up.
        && (1..=15).contains(&pair(&d, 6))
}
