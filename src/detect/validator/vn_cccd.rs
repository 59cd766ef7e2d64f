//! Personal identification number of Vietnam: province of birth, century and sex, year, order.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "vn_cccd",
    source: "Thông tư 59/2021/TT-BCA, Phụ lục I; Nghị định 137/2015/NĐ-CP, Điều 13",
    check,
    valid: &["025281570526", "042184951948", "002364942591"],
    invalid: &["391038421920", "078236036709"],
};

/// Two last digits of the province codes, 63 provinces before the reform of 2025; issued numbers keep them.
const PROVINCES: [u8; 63] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
];

fn check(value: &str) -> bool {
    digits::<12>(&ungrouped(value)).is_some_and(|d| d[0] == 0 && PROVINCES.contains(&(d[1] * 10 + d[2])) && d[3] <= 3)
}
