//! Irish personal public service number: seven digits, check letter modulo 23, perhaps a second letter.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "ie_pps",
    source: "Social Welfare Consolidation Act 2005, s. 262",
    check,
    valid: &["9759176UB", "2143618MT"],
    invalid: &["7721824WX", "9941224WW"],
};

/// The check letter of seven digits and a last letter (0 for none), which counts nine times its place.
pub fn letter(digits: &[u8], last: u32) -> Option<u8> {
    let sum = digits
        .iter()
        .zip((2..=8).rev())
        .try_fold(9 * last, |sum, (b, weight)| Some(sum + u32::from(b.is_ascii_digit().then(|| b - b'0')?) * weight))?;
    Some(b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize])
}

fn check(value: &str) -> bool {
    let value = ungrouped(value).to_ascii_uppercase();
    let Some((digits, letters)) = value.as_bytes().split_at_checked(7) else { return false };
    match *letters {
        // Second letters of before 2013 are not part of the check.
        [check] | [check, b'W' | b'T' | b'X'] => letter(digits, 0) == Some(check),
        [check, last @ (b'A' | b'B' | b'H')] => letter(digits, u32::from(last - b'A' + 1)) == Some(check),
        _ => false,
    }
}
