//! SEPA creditor identifier: country, check digits modulo 97, business code that they leave out, national identifier.

use super::Validator;
use super::checksum::mod97;

pub const VALIDATOR: Validator = Validator {
    name: "eu_sepa_creditor",
    source: "EPC 262-08: Creditor Identifier Overview; AT-02",
    check,
    valid: &["DE31JZ7849228857555115", "FR75Z7Z954475265"],
    invalid: &["DE79ZZZ10983864081672", "DE00ZZZ", "DE98"],
};

fn check(value: &str) -> bool {
    let bytes = value.as_bytes();
    if !(8..=35).contains(&bytes.len()) || !bytes.iter().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return false;
    }
    let (head, national) = (&bytes[..4], &bytes[7..]);
    head[..2].iter().all(u8::is_ascii_uppercase)
        && head[2..].iter().all(u8::is_ascii_digit)
        && mod97(national.iter().chain(head).copied()) == Some(1)
}
