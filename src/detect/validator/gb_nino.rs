//! National Insurance number: a prefix that is allocated, six digits, suffix A to D.

use super::Validator;
use super::checksum::{digits, ungrouped};

pub const VALIDATOR: Validator = Validator {
    name: "gb_nino",
    source: "HMRC NIM39110",
    check,
    valid: &["ZH022832D", "TR562427B"],
    invalid: &["DH022832D", "ZO022832D", "GB022832A", "ZH022832E", "ZH02283D"],
};

fn check(value: &str) -> bool {
    let value = &*ungrouped(value);
    let Some((head, rest)) = value.split_at_checked(2) else { return false };
    let Some((number, suffix)) = rest.split_at_checked(6) else { return false };
    let head: [u8; 2] = match head.as_bytes() {
        [a, b] => [a.to_ascii_uppercase(), b.to_ascii_uppercase()],
        _ => return false,
    };
    let usable = |b: u8| b.is_ascii_uppercase() && !b"DFIQUV".contains(&b);
    usable(head[0])
        && usable(head[1])
        && head[1] != b'O'
        && ![b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].contains(&&head)
        && digits::<6>(number).is_some()
        && matches!(suffix, "A" | "B" | "C" | "D" | "a" | "b" | "c" | "d")
}
