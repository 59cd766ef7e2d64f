//! Disguised text: read as what it says, with findings at the bytes that carry it.
//!
//! # What a reading is
//! A *reader* goes over a text once and tells what in it says something else than it shows: `%41` says `A`, `４` says `4`, a
//! base64 run says what it decodes to. Where it tells something, a *page* is opened: the text as it reads, from some way
//! before that place to some way behind the last such place, so that every value and every context word which the place
//! can touch is on it. A page is scanned like any text, and is read again by all readers, to a set depth. What is found on
//! a page counts if the value, its context or what leads to it was changed; its span is that of the bytes which carry it,
//! whole units of the encoding.
//!
//! Readers tell things in places of their own, a few bytes long or letting go after a few bytes, so text without disguises
//! costs one look for the signs that open readers.
//!
//! Digits drawn together and number words ([`digits`], [`spelled`]) need no page: the text around them is as it was, so
//! what they say goes to the rules alone, and what a rule takes whole becomes a candidate among those found as written.
//!
//! # What is promised
//! * Readers see text in pieces and tell the same for every cutting of it; a page is a lane of its own. So findings in
//!   streams are those of the whole text (P2), and a lane is held back no further than its pages hold.
//! * All pages of a text together are bounded by a multiple of its length ([`Allowance`], P7). What lies beyond is not
//!   read: [`super::Engine::scan`] says from where on, and in a stream all work that is allowed counts as done.
//!
//! # What it does not do
//! Values cut over several texts are none of its business, and two different disguises side by side in one value are
//! undone only where the second one begins within [`lane::NEAR`] bytes of the first.

mod base64;
pub(super) mod digits;
mod escapes;
mod fold;
mod glyphs;
mod hex;
pub(super) mod joinable;
mod lane;
mod map;
mod marks;
mod octets;
mod outbox;
mod quoted;
mod run;
pub(super) mod signs;
pub(super) mod spelled;
#[cfg(test)]
mod tests;

pub(super) use lane::{Allowance, Cx, Lane};
pub(super) use marks::Marks;

use lane::Page;
use std::fmt;

/// How a value was read that is not written as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disguise {
    /// What was undone, outermost first: `base64`, `percent`, `form`, …
    pub layers: Vec<&'static str>,
    /// The value as it reads.
    pub value: String,
}

/// Tells the layers only: values stay out of logs.
impl fmt::Debug for Disguise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disguise").field("layers", &self.layers).finish_non_exhaustive()
    }
}

/// How often what was read is read again, if nothing else is set.
pub const DECODE_DEPTH: usize = 3;

/// Reads one text, in pieces.
trait Reader: Send {
    /// Reads on from `at` and tells `page` everything in `text[at..end]` that says something else than it shows, in order;
    /// returns `end`. What follows `end` cannot be told without later text; of a text that has `ended` all is read.
    ///
    /// What is told must not depend on where the text was cut: a reader that needs to see more stops before it. `text` holds
    /// at least [`lane::NEAR`] bytes before `at`, unless the text begins there.
    fn read(&mut self, text: &str, at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize;
}

/// Later text decides.
struct Undecided;

/// A kind of disguise.
struct Way {
    /// Where the first of a whole text may begin: cheap, and never behind where the reader would tell something.
    sign: fn(&str, &Marks) -> Option<usize>,
    reader: fn() -> Box<dyn Reader>,
}

/// Every kind of disguise.
const WAYS: &[Way] = &[
    Way { sign: fold::sign, reader: || Box::new(fold::Fold) },
    Way { sign: escapes::sign, reader: || Box::new(escapes::Escapes) },
    Way { sign: quoted::sign, reader: || Box::new(quoted::Quoted) },
    Way { sign: base64::sign, reader: || Box::<base64::Base64>::default() },
    Way { sign: hex::sign, reader: || Box::<hex::Hex>::default() },
];
