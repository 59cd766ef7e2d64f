//! Keeps what a provider signed and the client got redacted, so that the provider gets back what it signed.
//!
//! Reasoning comes with a signature over its text, and the next turn of the conversation must bring both as they were. A client
//! that got the text with labels in it sends those; under the same signature the original is put back in their place. Texts
//! are kept in memory alone, for the user who got them, and never shown.

use super::tag::{Tag, Tagger};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Memory for originals, in bytes; the oldest go first. The reasoning of a long answer has some 100 KiB.
const MOST: usize = 16 << 20;
/// Longest text kept, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Whose text it is, and under which signature.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub upstream: &'a str,
    pub user: &'a str,
    pub signature: &'a str,
}

/// Signed texts by what was sent in their place.
pub struct Originals {
    tagger: Tagger,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    texts: HashMap<Tag, String>,
    order: VecDeque<Tag>,
    bytes: usize,
}

impl Default for Originals {
    fn default() -> Self {
        Self { tagger: Tagger::random(), kept: Mutex::default() }
    }
}

impl Originals {
    /// The client got `redacted` in place of `original`.
    pub fn insert(&self, owner: Owner<'_>, redacted: &str, original: &str) {
        if original.len() > LONGEST || redacted == original {
            return;
        }
        let tag = self.tag(owner, redacted);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.texts.contains_key(&tag) {
            return;
        }
        kept.texts.insert(tag, original.to_owned());
        kept.order.push_back(tag);
        kept.bytes += original.len();
        while kept.bytes > MOST
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.bytes -= kept.texts.remove(&oldest).map_or(0, |text| text.len());
        }
    }

    /// What stood where the client got `redacted`.
    pub fn get(&self, owner: Owner<'_>, redacted: &str) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.texts.is_empty() {
            return None;
        }
        kept.texts.get(&self.tag(owner, redacted)).cloned()
    }

    fn tag(&self, owner: Owner<'_>, redacted: &str) -> Tag {
        let Owner { upstream, user, signature } = owner;
        // lengths keep the parts apart
        let lengths = format!("{} {} {} ", upstream.len(), user.len(), signature.len());
        self.tagger.tag([lengths.as_str(), upstream, user, signature, redacted].concat().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Owner<'_> = Owner { upstream: "a", user: "ana", signature: "s" };

    #[test]
    fn an_original_is_there_for_its_user_signature_and_redacted_text_alone() {
        let originals = Originals::default();
        originals.insert(ANA, "pay [CARD]", "pay 4539");
        assert_eq!(originals.get(ANA, "pay [CARD]").as_deref(), Some("pay 4539"));
        assert_eq!(originals.get(ANA, "pay [IBAN]"), None);
        for other in [
            Owner { upstream: "b", ..ANA },
            Owner { user: "ben", ..ANA },
            Owner { signature: "t", ..ANA },
            Owner { upstream: "aa", user: "na", ..ANA },
        ] {
            assert_eq!(originals.get(other, "pay [CARD]"), None);
        }
    }

    #[test]
    fn p7_originals_are_bounded() {
        let originals = Originals::default();
        let long = "x".repeat(LONGEST);
        for i in 0..=MOST / LONGEST {
            originals.insert(ANA, &i.to_string(), &long);
        }
        assert_eq!(originals.get(ANA, "0"), None, "the oldest went");
        assert!(originals.get(ANA, "1").is_some());
        assert_eq!(originals.kept.lock().unwrap().bytes, MOST);
        originals.insert(ANA, "longer", &format!("{long}x"));
        assert_eq!(originals.get(ANA, "longer"), None);
    }
}
