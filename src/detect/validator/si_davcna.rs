//! Slovenian tax number and VAT number: eight digits, check digit modulo 11.

use super::Validator;
use super::checksum::{digits, ungrouped, weighted};

pub const VALIDATOR: Validator = Validator {
    name: "si_davcna",
    source: "Zakon o finančni upravi (Uradni list RS, št. 25/14), 34. člen; VIES",
    check,
    valid: &["58037187", "SI10834125"],
    invalid: &["32938361", "00000000"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some(d) = digits::<8>(value.strip_prefix("SI").unwrap_or(value)) else { return false };
    let check = 11 - weighted(&d, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    d[0] != 0 && check != 11 && check % 10 == u32::from(d[7])
}
