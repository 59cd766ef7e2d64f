//! Movement reference number of the customs union: year, country, twelve characters, kind of procedure, check digit.

use super::Validator;
use super::checksum::iso6346;
use crate::diagnostic::country;

pub const VALIDATOR: Validator = Validator {
    name: "customs_mrn",
    source: "Commission Implementing Regulation (EU) 2015/2447, annex B; check digit by ISO 6346",
    check,
    valid: &["24PL072O82GGBY54A3", "26PLW4BUDYKKUECVM3", "06DE586600006143E1"],
    invalid: &["24PL072O82GGBY54A4", "26ZZW4BUDYKKUECVM3", "24PL072O82GGBY54A"],
};

fn check(value: &str) -> bool {
    let Some((body, last)) = value.as_bytes().split_at_checked(17) else { return false };
    body[..2].iter().all(u8::is_ascii_digit)
        && value.get(2..4).is_some_and(|code| country::is_iso2(code) || code == "XI")
        && matches!(last, [digit] if digit.is_ascii_digit() && iso6346(body) == Some(u32::from(digit - b'0')))
}
