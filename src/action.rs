//! Carries a decision out on text.

use crate::pack::Rule;
use crate::policy::Style;

/// Key of fingerprints and hash redaction; random per process unless configured.
pub struct Key {
    _todo: (),
}

impl Key {
    pub fn random() -> Self {
        todo!()
    }
    pub fn from_bytes(_bytes: &[u8]) -> Self {
        todo!()
    }
    /// Keyed fingerprint of a value: first 16 hex digits of HMAC-SHA-256 over category and value without separators, case-folded.
    pub fn fingerprint(&self, _rule: &Rule, _value: &str) -> String {
        todo!()
    }
}

/// The text that stands for `value`. The same value gives the same text under the same key (P9).
pub fn replacement(_style: &Style, _rule: &Rule, _value: &str, _key: &Key) -> String {
    todo!()
}
