//! Kyrgyz personal number (ПИН): sex, birth date, order. How its last digit is made is not published.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "kg_pin",
    source: "Закон Кыргызской Республики о регистре населения; ПИН",
    check,
    valid: &["10704201293879", "22905190772699"],
    invalid: &["12302198J15905", "12905109329653"],
};

fn check(value: &str) -> bool {
    digits::<14>(value).is_some_and(|d| {
        let year = pair(&d, 5) * 100 + pair(&d, 7);
        matches!(d[0], 1 | 2) && (1900..2100).contains(&year) && real_date(year, pair(&d, 3), pair(&d, 1))
    })
}
