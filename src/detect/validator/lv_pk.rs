//! Latvian personal code: date of birth with the century in the seventh digit and a check digit modulo 11, or, since 2017,
//! eleven digits from 32 on that tell nothing.

use super::Validator;
use super::checksum::{digits, pair, real_date, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "lv_pk",
    source: "Fizisko personu reģistra likums, 6. pants; Ministru kabineta noteikumi par personas koda piešķiršanu",
    check,
    valid: &["18010627751", "323812-10153"],
    invalid: &["42048011665", "00000000000", "40003521600"],
};

fn check(value: &str) -> bool {
    let Some(d) = digits::<11>(&ungrouped(value)) else { return false };
    if pair(&d, 0) == 32 {
        return true;
    }
    let year = 1800 + u32::from(d[6]) * 100 + pair(&d, 4);
    let check = (1 + weighted(&d, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    d[6] <= 2 && real_date(year, pair(&d, 2), pair(&d, 0)) && check == u32::from(d[10])
}
