//! Business registration number of Korea: tax office, kind of business, order, check digit modulo 10.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "kr_brn",
    source: "부가가치세법 시행령 제12조; 국세청",
    check,
    valid: &["9450616473", "4684940963", "4555446043"],
    invalid: &["1581499467", "8954600439"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    let sum = weighted(&d, &[1, 3, 7, 1, 3, 7, 1, 3, 5, 1]) + u32::from(d[8]) * 5 / 10;
    let office = u32::from(d[0]) * 100 + u32::from(d[1]) * 10 + u32::from(d[2]);
    office > 100 && d[3..5] != [0, 0] && d[5..9] != [0; 4] && sum.is_multiple_of(10)
}
