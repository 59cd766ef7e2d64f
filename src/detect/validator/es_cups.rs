//! Spanish energy supply point (CUPS): ES, 16 digits, two letters of the remainder modulo 529, measuring point.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "es_cups",
    source: "CNMC; Real Decreto 1435/2002",
    check,
    valid: &["ES7758978558669552HK", "ES8980099795380136ZH"],
    invalid: &["ES2463124699860181QJ9R", "ES2248495807043074GQ"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Some(body) = value.strip_prefix("ES").filter(|body| body.is_ascii()) else { return false };
    let (Some(number), Some(letters)) = (body.get(..16), body.get(16..18)) else { return false };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let point = match body.as_bytes()[18..] {
        [] => true,
        [digit, kind] => digit.is_ascii_digit() && b"FPRCXYZ".contains(&kind),
        _ => false,
    };
    let rest = number.parse::<u64>().map_or(0, |number| (number % 529) as u32);
    point && letters.as_bytes() == [super::es_dni::letter(rest / 23), super::es_dni::letter(rest % 23)]
}
