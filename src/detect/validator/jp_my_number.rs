//! Japanese individual number: twelve digits, weighted modulo 11.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "jp_my_number",
    source: "行政手続における特定の個人を識別するための番号の利用等に関する法律施行令 (総務省令85号 §5)",
    check,
    valid: &["024003475766", "880704792824"],
    invalid: &["295917054555", "640696751798", "000000000000"],
};

fn check(value: &str) -> bool {
    digits::<12>(value).is_some_and(|d| {
        let rest = weighted(&d, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest <= 1 { 0 } else { 11 - rest };
        check == u32::from(d[11]) && !all_same(&d)
    })
}
