//! Identity number of Namibia: date of birth and five digits.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "na_id",
    source: "Identification Act 21 of 1996",
    check,
    valid: &["66110817741", "10100554646", "35100559868"],
    invalid: &["15001412248", "51105863021"],
};

fn check(value: &str) -> bool {
    digits::<11>(&ungrouped(value)).is_some_and(|d| real_date(2000 + pair(&d, 0), pair(&d, 2), pair(&d, 4)))
}
