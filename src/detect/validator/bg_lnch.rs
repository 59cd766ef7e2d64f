//! Bulgarian number of a foreigner (ЛНЧ): ten digits, the last one a check modulo 10.

use super::Validator;
use super::checksum::{all_same, digits, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "bg_lnch",
    source: "Закон за чужденците в Република България",
    check,
    valid: &["2736218724", "8621687578"],
    invalid: &["4000783067", "96U0224087"],
};

fn check(value: &str) -> bool {
    digits::<10>(value)
        .is_some_and(|d| !all_same(&d) && weighted(&d, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 == u32::from(d[9]))
}
