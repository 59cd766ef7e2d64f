//! Saudi number of a citizen (1) or a resident (2): ten digits, Luhn.

use super::Validator;
use super::checksum::{all_same, luhn};

pub const VALIDATOR: Validator = Validator {
    name: "sa_national_id",
    source: "نظام الأحوال المدنية (م/7 لعام 1407هـ); Absher",
    check,
    valid: &["1867543744", "1484387673"],
    invalid: &["1299195229", "2572532332"],
};

fn check(value: &str) -> bool {
    value.len() == 10 && value.starts_with(['1', '2']) && luhn(value) && !all_same(value.as_bytes())
}
