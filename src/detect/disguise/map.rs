//! Where each byte of a reading came from.

use std::ops::Range;

/// A layer's name, outermost first in [`super::Disguise::layers`].
pub(super) type Layer = &'static str;

/// Leads from a reading back to its source.
///
/// Pieces follow one another in both texts. A piece is a run of equal units, each of which stands for so many bytes of the
/// source as a whole: one for one where the text reads as it is written, three for four in base64. A unit that says nothing
/// has length zero.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OffsetMap {
    pieces: Vec<Piece>,
    /// Where the first piece begins in the reading.
    start: usize,
    /// Where the source goes on.
    source_end: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    /// Where it ends in the reading.
    end: usize,
    source: usize,
    source_end: usize,
    /// Bytes of the reading, bytes of the source.
    unit: (usize, usize),
    /// What was undone; `None` where it reads as it is written.
    layer: Option<Layer>,
}

impl OffsetMap {
    /// The reading begins at this offset of its source.
    pub fn beginning_at(source: usize) -> Self {
        Self { source_end: source, ..Self::default() }
    }

    /// Where the reading ends so far.
    pub fn end(&self) -> usize {
        self.pieces.last().map_or(self.start, |p| p.end)
    }

    /// The next `length` bytes of the source read as they are written.
    pub fn written(&mut self, length: usize) {
        self.push(length, length, (1, 1), None);
    }

    /// The next `source` bytes of the source say `length` bytes of the reading.
    pub fn says(&mut self, layer: Layer, source: usize, length: usize) {
        self.push(source, length, (length, source), Some(layer));
    }

    fn push(&mut self, source: usize, length: usize, unit: (usize, usize), layer: Option<Layer>) {
        if source == 0 {
            return;
        }
        let end = self.end() + length;
        self.source_end += source;
        match self.pieces.last_mut() {
            Some(last) if last.unit == unit && last.layer == layer => {
                last.end = end;
                last.source_end = self.source_end;
            }
            _ => {
                let (from, source_end) = (self.source_end - source, self.source_end);
                self.pieces.push(Piece { end, source: from, source_end, unit, layer });
            }
        }
    }

    /// The index of the piece that holds the byte at `offset` of the reading, and the units of it before that byte.
    fn at(&self, offset: usize) -> Option<(&Piece, usize)> {
        let index = self.pieces.partition_point(|p| p.end <= offset);
        let piece = self.pieces.get(index)?;
        let start = index.checked_sub(1).map_or(self.start, |before| self.pieces[before].end);
        Some((piece, (offset - start) / piece.unit.0))
    }

    /// The source that carries `range` of the reading (not empty), in whole units.
    pub fn source(&self, range: &Range<usize>) -> Range<usize> {
        let within = "a range of the reading";
        let (first, skipped) = self.at(range.start).expect(within);
        let (last, kept) = self.at(range.end - 1).expect(within);
        first.source + skipped * first.unit.1..last.source + (kept + 1) * last.unit.1
    }

    /// Up to where the source is carried by what comes before `offset` in the reading.
    pub fn source_before(&self, offset: usize) -> usize {
        self.at(offset).map_or(self.source_end, |(piece, skipped)| piece.source + skipped * piece.unit.1)
    }

    /// The layers of `range` of the reading, also of what stands at its very edges, in order and each once.
    pub fn layers(&self, range: &Range<usize>) -> Vec<Layer> {
        let first = self.pieces.partition_point(|p| p.end < range.start);
        let mut start = first.checked_sub(1).map_or(self.start, |before| self.pieces[before].end);
        let mut layers = Vec::new();
        for piece in &self.pieces[first..] {
            let empty = piece.end == start;
            if start > range.end || start == range.end && !empty {
                break;
            }
            if let Some(layer) = piece.layer
                && (empty || piece.end > range.start)
                && !layers.contains(&layer)
            {
                layers.push(layer);
            }
            start = piece.end;
        }
        layers
    }

    /// Throws away what lies before `offset` of the reading.
    pub fn forget(&mut self, offset: usize) {
        let gone = self.pieces.partition_point(|p| p.end < offset);
        if gone > 0 {
            self.start = self.pieces[gone - 1].end;
            self.pieces.drain(..gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn offsets_lead_back() {
        let mut map = OffsetMap::beginning_at(10);
        map.written(5);
        map.says("entity", 6, 2);
        map.says("invisible", 3, 0);
        map.written(3);
        assert_eq!(map.end(), 10);
        assert_eq!(map.source(&(0..5)), 10..15);
        assert_eq!(map.source(&(4..6)), 14..21);
        assert_eq!(map.source(&(6..8)), 15..25);
        assert_eq!(map.source(&(7..10)), 24..27);
        assert_eq!((map.source_before(6), map.source_before(7), map.source_before(10)), (15, 24, 27));
        assert_eq!(map.layers(&(0..5)), [""; 0]);
        assert_eq!(map.layers(&(4..7)), ["entity", "invisible"]);
        assert_eq!(map.layers(&(7..9)), ["invisible"]);
    }

    /// Bytes of source and of reading per unit, and whether it was changed.
    fn units() -> impl Strategy<Value = Vec<(usize, usize, bool)>> {
        let written = Just((1, 1, false));
        let changed = (1usize..5, 0usize..4).prop_map(|(source, length)| (source, length, true));
        prop::collection::vec(prop_oneof![written, changed], 1..40)
    }

    proptest! {
        /// The model: for each byte of the reading, the source of its unit.
        #[test]
        fn as_the_naive_map(units in units(), from in 0usize..100, to in 0usize..100) {
            let (mut map, mut naive, mut source) = (OffsetMap::beginning_at(7), Vec::new(), 7);
            for (bytes, length, changed) in units {
                match changed {
                    true => map.says("layer", bytes, length),
                    false => map.written(bytes),
                }
                naive.extend((0..length).map(|_| (source..source + bytes, changed)));
                source += bytes;
            }
            prop_assert_eq!(map.end(), naive.len());
            prop_assume!(!naive.is_empty());
            let from = from % naive.len();
            let to = from + 1 + to % (naive.len() - from);
            for forgotten in [0, from] {
                map.forget(forgotten);
                prop_assert_eq!(map.source(&(from..to)), naive[from].0.start..naive[to - 1].0.end);
                prop_assert_eq!(map.source_before(from), naive[from].0.start);
                if naive[from..to].iter().any(|(_, changed)| *changed) {
                    prop_assert_eq!(map.layers(&(from..to)), vec!["layer"]);
                }
            }
            prop_assert_eq!(map.source_before(map.end()), source);
        }
    }
}
