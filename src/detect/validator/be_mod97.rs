//! Twelve digits whose last two are the remainder of the ten before modulo 97, or 97: Belgian payment references and identity cards.

use super::Validator;
use super::checksum::digits;

pub const VALIDATOR: Validator = Validator {
    name: "be_mod97",
    source: "Febelfin, structured communication (OGM-VCS); AR/KB 25 mars 2003",
    check,
    valid: &["779956914532", "614438791227"],
    invalid: &["963561135830", "409007977292"],
};

fn check(value: &str) -> bool {
    let digits = digits::<12>(&value.replace(['+', '/', ' ', '-', '*'], ""));
    let Some(d) = digits else { return false };
    let number = |digits: &[u8]| digits.iter().fold(0u64, |n, &d| n * 10 + u64::from(d));
    let rest = number(&d[..10]) % 97;
    number(&d) > 0 && number(&d[10..]) == if rest == 0 { 97 } else { rest }
}
