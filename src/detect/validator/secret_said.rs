//! A password told in prose ("the password is …"): what an assignment may hold, and no word or path of the sentence.

use super::Validator;
use super::secret_value;

pub const VALIDATOR: Validator = Validator {
    name: "secret_said",
    source: "own: sentences of manuals that speak of passwords",
    check,
    valid: &["Kq7vX2m!Lp9", "Sommer!2031#x", "Zebre-41-Quai", "correct#horse!battery"],
    invalid: &["valid\\&.", "locked.", "abgelaufen\\&.", "required", "(optional)", "case-sensitive", "<password>"],
};

fn check(value: &str) -> bool {
    let word = value.trim_matches(|c: char| !c.is_alphanumeric());
    let strange = |c: char| c.is_ascii_digit() || "!#$%&*+=?@^~".contains(c);
    word.contains(strange) && (secret_value::VALIDATOR.check)(value)
}
