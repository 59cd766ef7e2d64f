//! Stands in memory for a text that must not be kept (P4).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;

/// Stands for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(u128);

/// Makes tags: GMAC (NIST SP 800-38D) under a random key.
///
/// Two texts of `n` blocks of 16 bytes share a tag with probability `n / 2^128` over the key, however they were chosen: tags
/// never leave the process, so nobody can learn the key from them, and one nonce serves for all. It reads 4 GB/s at 1 KiB and
/// 20 GB/s at 1 MiB, where HMAC-SHA-256 reads 1.2 and 1.7 and so would cost new text as much again as its scan.
pub struct Tagger(LessSafeKey);

impl Tagger {
    /// A tagger with a key of its own.
    pub fn random() -> Self {
        let mut key = [0; 16];
        rand::fill(&mut key).expect("the operating system's random source works");
        let key = UnboundKey::new(&AES_128_GCM, &key).expect("an AES-128 key has 16 bytes");
        Self(LessSafeKey::new(key))
    }

    /// The tag of a text.
    pub fn tag(&self, text: &[u8]) -> Tag {
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(text), &mut []);
        let tag = tag.expect("a text is shorter than 2^61 bytes");
        Tag(u128::from_le_bytes(tag.as_ref().try_into().expect("a GCM tag has 16 bytes")))
    }
}
