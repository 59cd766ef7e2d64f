//! Irish VAT number: seven digits and one or two letters, or the old form with a second sign that does not count.

use super::Validator;
use super::checksum::ungrouped;

pub const VALIDATOR: Validator = Validator {
    name: "ie_vat",
    source: "Value-Added Tax Consolidation Act 2010, s. 65; Revenue",
    check,
    valid: &["IE3402687I", "IE9R13619L"],
    invalid: &["IE8080874RH", "XE1328963C"],
};

fn check(value: &str) -> bool {
    let value = ungrouped(value);
    let number = value.strip_prefix("IE").unwrap_or(&value);
    let Some((head, letters)) = number.as_bytes().split_at_checked(7) else { return false };
    let place = |byte: u8| super::checksum::place(b"WABCDEFGHIJKLMNOPQRSTUV", byte);
    let (check, last) = match *letters {
        [check] => (check, Some(0)),
        [check, last] => (check, place(last)),
        _ => return false,
    };
    let Some(last) = last else { return false };
    if head.iter().all(u8::is_ascii_digit) {
        super::ie_pps::letter(head, last) == Some(check)
    } else {
        // The sixth digit's place is the first's; what follows the check letter does not count.
        let old = [b'0', head[2], head[3], head[4], head[5], head[6], head[0]];
        matches!(head[1], b'A'..=b'Z' | b'+' | b'*') && super::ie_pps::letter(&old, 0) == Some(check)
    }
}
