//! National identification number of Tanzania: date of birth, postcode, order, two digits.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "tz_nida",
    source: "Registration and Identification of Persons Act, Cap. 36; NIDA",
    check,
    valid: &["19610703026162951302", "19851004133297691839", "19820720149783738271"],
    invalid: &["79310904420238124641", "59700619816197226680"],
};

fn check(value: &str) -> bool {
    digits::<20>(&ungrouped(value)).is_some_and(|d| {
        let year = pair(&d, 0) * 100 + pair(&d, 2);
        (1900..2100).contains(&year) && real_date(year, pair(&d, 4), pair(&d, 6))
    })
}
