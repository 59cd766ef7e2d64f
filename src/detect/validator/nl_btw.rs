//! Dutch VAT number: nine digits with the 11-test, or the whole modulo 97; B and two digits.

use super::Validator;
use super::checksum::{digits, mod97, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "nl_btw",
    source: "Wet op de omzetbelasting 1968, art. 2a; Belastingdienst, btw-id",
    check,
    valid: &["707258030B34", "964078226B68"],
    invalid: &["491156991B04", "286693074B90"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("NL").unwrap_or(&value);
    let Some((body, suffix)) = number.split_once('B') else { return false };
    let (Some(d), Some(suffix)) = (digits::<9>(body), digits::<2>(suffix)) else { return false };
    let nonzero = |digits: &[u8]| digits.iter().any(|&d| d != 0);
    nonzero(&d)
        && nonzero(&suffix)
        && (super::nl_bsn::eleven_test(&d) == 0 || mod97("NL".bytes().chain(number.bytes())) == Some(1))
}
