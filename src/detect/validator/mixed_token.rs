//! A token of upper case, lower case and digits, which a hash in hex, a word or a path is not.

use super::Validator;

pub const VALIDATOR: Validator = Validator {
    name: "mixed_token",
    source: "own: what tells 40 random base-64 characters from other runs of 40",
    check,
    valid: &["Ab0Cd1Ef2Gh3Ij4Kl5Mn6Op7Qr8St9UvWxYz+aB"],
    invalid: &["da39a3ee5e6b4b0d3255bfef95601890afd80709", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "ABCDEF", ""],
};

fn check(value: &str) -> bool {
    let has = |class: fn(&u8) -> bool| value.as_bytes().iter().any(class);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !value.to_ascii_uppercase().contains("EXAMPLE")
}
