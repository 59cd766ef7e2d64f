//! US individual taxpayer number: 9, and a group from the assigned ranges.

use super::Validator;
use super::checksum::{digits, pair};

pub const VALIDATOR: Validator = Validator {
    name: "us_itin",
    source: "IRS Publication 4757; IRM 3.21.263",
    check,
    valid: &["983511586", "991945631", "984585609"],
    invalid: &["951326327", "937246770", "900890000", "900930000"],
};

fn check(value: &str) -> bool {
    digits::<9>(value).is_some_and(|d| d[0] == 9 && matches!(pair(&d, 3), 50..=65 | 70..=88 | 90..=92 | 94..=99))
}
