//! Ukrainian register record (УНЗР): birth date, order, check digit of travel documents.

use super::Validator;
use super::checksum::{digits, icao, pair, real_date, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "ua_unzr",
    source: "Закон України № 5492-VI, ст. 10; ICAO Doc 9303",
    check,
    valid: &["1949102843410", "1991082688602"],
    invalid: &["1977111316227", "1584011519535"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    digits::<13>(value).is_some_and(|d| {
        let year = pair(&d, 0) * 100 + pair(&d, 2);
        (1900..2100).contains(&year)
            && real_date(year, pair(&d, 4), pair(&d, 6))
            && icao(&value.as_bytes()[..12]) == Some(d[12])
    })
}
