//! Disguised text: read as what it says, with findings at the bytes that carry it.
//!
//! A *reading* is a text made from the scanned one (letters folded, an encoding undone, digits drawn together) with an
//! [`OffsetMap`] back to it. Readings are made only where the text shows a sign of a disguise, so clean text pays nothing;
//! a reading may be read again, to a set depth.

pub(super) mod digits;
mod run;
pub(super) mod spelled;

use std::fmt;
use std::ops::Range;

/// How a value was read that is not written as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Disguise {
    /// What was undone, outermost first: `base64`, `percent`, `width`, …
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

/// Where each byte of a reading came from.
///
/// Pieces follow one another in both texts; a piece is verbatim (byte for byte) or whole (any part of it came from all of
/// its source). Source bytes between pieces were dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OffsetMap {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Where it ends in the reading.
    end: usize,
    source_start: usize,
    source_end: usize,
    verbatim: bool,
}

impl OffsetMap {
    /// The next `source.len()` bytes of the reading are those of `source`.
    pub fn verbatim(&mut self, source: Range<usize>) {
        if let Some(last) = self.pieces.last_mut()
            && last.verbatim
            && last.source_end == source.start
        {
            last.end += source.len();
            last.source_end = source.end;
        } else if !source.is_empty() {
            self.push(source.len(), source, true);
        }
    }

    /// The next `length` bytes of the reading stand for all of `source`.
    pub fn whole(&mut self, length: usize, source: Range<usize>) {
        if length > 0 {
            self.push(length, source, false);
        }
    }

    fn push(&mut self, length: usize, source: Range<usize>, verbatim: bool) {
        let start = self.pieces.last().map_or(0, |p| p.end);
        self.pieces.push(Piece { end: start + length, source_start: source.start, source_end: source.end, verbatim });
    }

    /// The source range that carries `range` of the reading (not empty).
    pub fn source(&self, range: &Range<usize>) -> Range<usize> {
        let at = |offset: usize| {
            let index = self.pieces.partition_point(|p| p.end <= offset);
            let start = index.checked_sub(1).map_or(0, |before| self.pieces[before].end);
            (self.pieces[index], offset - start)
        };
        let ((first, skip), (last, kept)) = (at(range.start), at(range.end - 1));
        let start = if first.verbatim { first.source_start + skip } else { first.source_start };
        let end = if last.verbatim { last.source_start + kept + 1 } else { last.source_end };
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_lead_back() {
        let mut map = OffsetMap::default();
        map.verbatim(0..3);
        map.verbatim(3..5);
        map.whole(2, 5..9);
        map.verbatim(12..15);
        assert_eq!(map.source(&(0..5)), 0..5);
        assert_eq!(map.source(&(4..6)), 4..9);
        assert_eq!(map.source(&(6..7)), 5..9);
        assert_eq!(map.source(&(6..8)), 5..13);
        assert_eq!(map.source(&(7..10)), 12..15);
    }
}
