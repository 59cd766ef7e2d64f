//! Unified business number of Taiwan: sums of digits, divisible by 5 since 2023; a seventh digit 7 may count one more.

use super::Validator;
use super::checksum::{cross_sum, digits};

pub const VALIDATOR: Validator = Validator {
    name: "tw_ubn",
    source: "財政部財政資訊中心: 營利事業統一編號檢查碼邏輯",
    check,
    valid: &["69346947", "63761740", "66568228"],
    invalid: &["13760672", "08668454"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<8>(value) else { return false };
    let sum: u32 =
        d.iter().zip([1, 2, 1, 2, 1, 2, 4, 1]).map(|(&digit, weight)| cross_sum(u32::from(digit) * weight)).sum();
    sum.is_multiple_of(5) || d[6] == 7 && (sum + 1).is_multiple_of(5)
}
