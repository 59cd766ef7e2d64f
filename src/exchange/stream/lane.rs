//! One lane of a streamed answer with its scanner, and where its text was replaced.

use crate::decode::Channel;
use crate::decode::lane::{Lane, LeafId};
use crate::decode::offset::{Edge, Shifts, Unit};
use crate::detect::{Finding, StreamScanner};
use crate::exchange::body::replaced;
use crate::exchange::originals::LONGEST;
use std::collections::HashMap;
use std::ops::Range;

/// A value that was judged when it began and has not ended.
pub(super) struct GoingOn {
    pub rule: u32,
    pub start: usize,
    pub redacted: bool,
}

pub(super) struct LaneState {
    pub lane: Lane,
    pub scanner: StreamScanner,
    pub channel: Channel,
    pub path: String,
    /// The lane's text from `base` on: what may still be part of a value.
    pub text: String,
    pub base: usize,
    pub going_on: Vec<GoingOn>,
    /// Where the last redaction ends, so far.
    redacted: usize,
    pub moved: Moved,
    /// All of the lane's text, where the provider signs it.
    pub signed: Option<SignedText>,
}

/// The text of a lane from its beginning, and what was replaced in it.
#[derive(Debug, Default)]
pub(super) struct SignedText {
    text: String,
    replaced: Vec<(Range<usize>, String)>,
    too_long: bool,
    pub signature: String,
}

impl SignedText {
    fn grow(&mut self, text: &str) {
        if self.text.len() + text.len() > LONGEST {
            // it is let go of, and without a beginning the rest is of no use
            (self.text, self.replaced, self.too_long) = (String::new(), Vec::new(), true);
        }
        if !self.too_long {
            self.text.push_str(text);
        }
    }

    fn replace(&mut self, range: Range<usize>, with: &str) {
        if !self.too_long {
            self.replaced.push((range, with.to_owned()));
        }
    }

    /// The text as it came, and as it leaves if that is not the same.
    pub fn texts(&self) -> Option<(&str, String)> {
        let edits = self.replaced.iter().map(|(range, with)| (range.clone(), with.as_str()));
        (!self.replaced.is_empty()).then(|| (self.text.as_str(), replaced(&self.text, edits)))
    }
}

impl LaneState {
    pub fn new(lane: Lane, scanner: StreamScanner, channel: Channel, path: String) -> Self {
        let (text, going_on, moved) = (String::new(), Vec::new(), Moved::default());
        Self { lane, scanner, channel, path, text, base: 0, going_on, redacted: 0, moved, signed: None }
    }

    /// Takes what is more of the lane's text.
    pub fn grow(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(signed) = &mut self.signed {
            signed.grow(text);
        }
    }

    /// Replaces a range of the lane's text; of one that overlaps the last redaction the rest is removed with that.
    pub fn redact(&mut self, range: Range<usize>, replacement: &str) {
        let (range, replacement) = match range.start.max(self.redacted) {
            start if start == range.start => (range, replacement),
            start if start < range.end => (start..range.end, ""),
            _ => return,
        };
        self.redacted = range.end;
        if let Some(signed) = &mut self.signed {
            signed.replace(range.clone(), replacement);
        }
        self.moved.replace(&self.text, self.base, range.clone(), replacement);
        self.lane.replace(range, replacement);
    }

    /// Takes what is more of values that were judged when they began, and redacts it if they were.
    pub fn lengthen(&mut self, found: &mut Vec<Finding>) {
        found.retain(|more| {
            let known = |g: &GoingOn| (g.rule, g.start) == (more.rule, more.span.start);
            let Some(at) = self.going_on.iter().position(known) else { return true };
            if self.going_on[at].redacted {
                self.redact(more.span.clone(), "");
            }
            if !more.goes_on {
                self.going_on.swap_remove(at);
            }
            false
        });
    }

    /// Lets go of what is decided.
    pub fn release(&mut self, settled: usize, decided: &mut HashMap<LeafId, Vec<(Range<usize>, String)>>) {
        let mut released = Vec::new();
        self.lane.release(settled, &mut released);
        decided.extend(released.into_iter().map(|r| (r.leaf, r.edits)));
        let done = settled.min(self.base + self.text.len());
        self.moved.pass(&self.text, self.base, done);
        self.text.drain(..done - self.base);
        self.base = done;
    }
}

/// Where a lane was redacted, counted in every unit in which a number may count into its text.
#[derive(Debug, Default)]
pub(super) struct Moved {
    shifts: [Shifts; UNITS.len()],
    /// How far the lane's text is counted, in bytes from its beginning, and how many units that is from the last redaction.
    counted: usize,
    since: [u64; UNITS.len()],
}

const UNITS: [Unit; 3] = [Unit::Bytes, Unit::CodePoints, Unit::Utf16];

impl Moved {
    /// Where a place of the lane's text as it came is in what has left.
    pub fn place(&self, place: u64, unit: Unit, edge: Edge) -> u64 {
        let shifts = UNITS.iter().position(|u| *u == unit).map(|at| &self.shifts[at]);
        shifts.map_or(place, |shifts| shifts.moved(place, edge))
    }

    /// Whether there was any.
    pub fn any(&self) -> bool {
        self.shifts.iter().any(|shifts| !shifts.is_empty())
    }

    /// Counts up to a place, given the lane's text from `base` on.
    fn pass(&mut self, text: &str, base: usize, upto: usize) {
        let Some(passed) = text.get(self.counted.saturating_sub(base)..upto - base) else { return };
        for (since, unit) in self.since.iter_mut().zip(UNITS) {
            *since += unit.count(passed);
        }
        self.counted = upto;
    }

    /// A range of the text, which begins with `base`, has been replaced.
    fn replace(&mut self, text: &str, base: usize, range: Range<usize>, with: &str) {
        self.pass(text, base, range.start);
        let replaced = text.get(range.start - base..range.end - base).unwrap_or_default();
        for ((since, unit), shifts) in self.since.iter_mut().zip(UNITS).zip(&mut self.shifts) {
            shifts.push(std::mem::take(since), unit.count(replaced), unit.count(with));
        }
        self.counted = range.end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_text_is_known_as_it_came_and_as_it_leaves() {
        let mut signed = SignedText::default();
        ["pay ", "4539", " now"].iter().for_each(|text| signed.grow(text));
        assert_eq!(signed.texts(), None, "nothing was replaced");
        signed.replace(4..8, "[CARD]");
        assert_eq!(signed.texts(), Some(("pay 4539 now", "pay [CARD] now".to_owned())));
    }

    #[test]
    fn p7_signed_text_that_is_too_long_is_let_go_of() {
        let mut signed = SignedText::default();
        signed.grow("4539");
        signed.replace(0..4, "");
        for _ in 0..3 {
            signed.grow(&"x".repeat(LONGEST));
            signed.replace(0..4, "");
            assert_eq!((signed.texts(), signed.text.capacity()), (None, 0));
        }
    }
}
