//! Egyptian national number: century, birth date, governorate. How its last digit is made is not published.

use super::Validator;
use super::checksum::{digits, pair, real_date};

pub const VALIDATOR: Validator = Validator {
    name: "eg_nid",
    source: "قانون الأحوال المدنية رقم 143 لسنة 1994",
    check,
    valid: &["30209192284722", "24901203345334"],
    invalid: &["26012373469737", "26536202319981"],
};

fn check(value: &str) -> bool {
    digits::<14>(value).is_some_and(|d| {
        let century = match d[0] {
            2 => 1900,
            3 => 2000,
            _ => return false,
        };
        real_date(century + pair(&d, 1), pair(&d, 3), pair(&d, 5))
            // 88 is a birth abroad.
            && matches!(pair(&d, 7), 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88)
    })
}
