//! The key of fingerprints and of the `hash` style.

use crate::pack::Rule;
use aws_lc_rs::{hmac, rand};

/// Length of a fingerprint in hex digits: 64 bits, so that among a million values a collision is rarer than one in ten million.
const FINGERPRINT_DIGITS: usize = 16;

/// Key of fingerprints and hash redaction; random per process unless configured.
pub struct Key {
    hmac: hmac::Key,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key that no other process has. Fingerprints made with it cannot be compared across restarts.
    pub fn random() -> Self {
        let mut bytes = [0u8; 32];
        rand::fill(&mut bytes).expect("the operating system's random source works");
        Self::from_bytes(&bytes)
    }

    /// The configured key.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { hmac: hmac::Key::new(hmac::HMAC_SHA256, bytes) }
    }

    /// Keyed fingerprint of a value: first 16 hex digits of HMAC-SHA-256 over category and value without separators, case-folded.
    ///
    /// The category is part of it and the rule is not, so a value that two rules of one category find counts once.
    pub fn fingerprint(&self, rule: &Rule, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.hmac);
        context.update(rule.category.as_bytes());
        context.update(&[0]);
        let plain: String = value.chars().filter(|c| !rule.separators.contains(*c)).collect();
        context.update(plain.to_lowercase().as_bytes());
        hex(context.sign().as_ref(), FINGERPRINT_DIGITS)
    }
}

/// The first `digits` lower-case hex digits of `bytes`.
fn hex(bytes: &[u8], digits: usize) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [HEX[usize::from(b >> 4)], HEX[usize::from(b & 15)]])
        .take(digits)
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::sample_rule;

    #[test]
    fn the_fingerprint_is_hmac_sha256_of_category_and_plain_value() {
        // RFC 4231, test case 2 gives the HMAC itself; here the same primitive over the documented message.
        let key = Key::from_bytes(b"Jefe");
        let whole = hmac::sign(&key.hmac, b"what do ya want for nothing?");
        assert_eq!(hex(whole.as_ref(), 16), "5bdcc146bf60754e");
        let expected = hmac::sign(&key.hmac, b"tax_id\0ab12");
        assert_eq!(key.fingerprint(&sample_rule("r", "tax_id", " -"), "AB-1 2"), hex(expected.as_ref(), 16));
    }

    #[test]
    fn written_forms_of_one_value_share_a_fingerprint_and_other_values_do_not() {
        let key = Key::random();
        let rule = sample_rule("r", "tax_id", " ");
        let same_category = sample_rule("other", "tax_id", " ");
        let other_category = sample_rule("r", "phone", " ");
        let one = key.fingerprint(&rule, "12 34");
        assert_eq!(one, key.fingerprint(&same_category, "1234"));
        assert_ne!(one, key.fingerprint(&other_category, "1234"));
        assert_ne!(one, key.fingerprint(&rule, "1235"));
        assert_ne!(one, Key::random().fingerprint(&rule, "1234"));
        assert_eq!(one.len(), FINGERPRINT_DIGITS);
    }
}
