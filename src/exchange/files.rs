//! Remembers the files that passed through the gateway, so that a later request may name one without being refused for
//! content that nobody has seen.
//!
//! Only files that were inspected in full and sent on are remembered, by a keyed tag of upstream, user and id: what was right
//! for one user need not be for another, who may be under other rules.

use super::bounded::Bounded;
use super::tag::{Tag, Tagger};
use std::sync::{Mutex, PoisonError};

/// Files remembered; the oldest goes first and is a reference like any other again.
const REMEMBERED: usize = 100_000;

/// The files that were inspected on their way to a provider.
pub struct Files {
    tagger: Tagger,
    seen: Mutex<Bounded<Tag, ()>>,
}

impl Default for Files {
    fn default() -> Self {
        Self { tagger: Tagger::random(), seen: Mutex::new(Bounded::new(REMEMBERED)) }
    }
}

impl Files {
    /// The provider gave the file that `user` sent this id.
    pub fn insert(&self, upstream: &str, user: &str, id: &str) {
        let tag = self.tag(upstream, user, id);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(tag, || ());
    }

    /// Whether the file was inspected when `user` sent it.
    pub fn contains(&self, upstream: &str, user: &str, id: &str) -> bool {
        let tag = self.tag(upstream, user, id);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&tag).is_some()
    }

    fn tag(&self, upstream: &str, user: &str, id: &str) -> Tag {
        // lengths keep the parts apart
        self.tagger.tag(format!("{} {} {upstream}{user}{id}", upstream.len(), user.len()).as_bytes())
    }
}
