//! Kuwaiti civil number: century, birth date, order, one check digit modulo 11.

use super::Validator;
use super::checksum::{digits, pair, real_date, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "kw_civil_id",
    source: "الهيئة العامة للمعلومات المدنية (قانون 32 لسنة 1982)",
    check,
    valid: &["301080737406", "309011363582"],
    invalid: &["258082531505", "239882576533"],
};

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| {
        let century = match d[0] {
            1 => 1800,
            2 => 1900,
            3 => 2000,
            _ => return false,
        };
        // Numbers whose check would be 10 or 11 are not issued.
        real_date(century + pair(&d, 1), pair(&d, 3), pair(&d, 5))
            && 11 - weighted(&d, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11 == u32::from(d[11])
    })
}
