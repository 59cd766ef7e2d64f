//! Romanian personal code (CNP): sex and century, birth date, county, order, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "ro_cnp",
    source: "Legea 105/1996; HG 1375/2006",
    check,
    valid: &["2551002294697", "6180312242041"],
    invalid: &["2760320260318", "3330902333865"],
};

fn check(value: &str) -> bool {
    const WEIGHTS: [u32; 12] = [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9];
    let Some(d) = digits::<13>(&ungrouped(value)) else { return false };
    let century = match d[0] {
        0 => return false,
        3 | 4 => 1800,
        5 | 6 => 2000,
        // 7 and 8 are residents, 9 foreigners, of any century.
        _ => 1900,
    };
    let rest = weighted(&d, &WEIGHTS) % 11;
    real_date(century + pair(&d, 1), pair(&d, 3), pair(&d, 5))
        // Counties 1–40, sectors of Bucharest, Călărași, Giurgiu, and the codes of issue without a county.
        && matches!(pair(&d, 7), 1..=48 | 51 | 52 | 70 | 80..=83)
        && (if rest == 10 { 1 } else { rest }) == u32::from(d[12])
}
