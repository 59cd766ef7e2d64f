//! Icelandic identity number (kennitala): date of birth or registration, serial, century. The check digit in the ninth place is
//! not looked at: numbers issued since 18 February 2026 have none.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "is_kennitala",
    source: "Lög um skráningu einstaklinga nr. 140/2019, 11. gr.; Þjóðskrá: Um kennitölur",
    check,
    valid: &["2301438139", "671277-5099"],
    invalid: &["3202901239", "1201603387"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<10>(&ungrouped(value)) else { return false };
    let century = match d[9] {
        8 => 1800,
        9 => 1900,
        0 => 2000,
        _ => return false,
    };
    let day = pair(&d, 0);
    // Companies and institutions have 40 more.
    real_date(century + pair(&d, 4), pair(&d, 2), if day > 40 { day - 40 } else { day })
}
