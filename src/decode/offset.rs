//! Numbers that count into a text (where a citation begins and ends), and what they are after the text was rewritten.

use std::ops::Range;

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Bytes of UTF-8.
    Bytes,
    CodePoints,
    /// Code units of UTF-16.
    Utf16,
}

impl Unit {
    /// How many of them a text has.
    pub fn count(self, text: &str) -> u64 {
        let count = match self {
            Self::Bytes => text.len(),
            Self::CodePoints => text.chars().count(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        };
        count as u64
    }
}

/// Which end of a range a number is. It says where the number goes if the place it points at was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    Start,
    End,
}

/// The parts of a text that were replaced, in the order of the text, counted in one unit.
#[derive(Debug, Clone, Default)]
pub struct Shifts(Vec<Shift>);

/// `old` of the text as it was became `new` of the text as it is.
#[derive(Debug, Clone)]
struct Shift {
    old: Range<u64>,
    new: Range<u64>,
}

impl Shifts {
    /// Those of replacements in a text, which are in order and without overlaps; each is a range in bytes and what stands
    /// there now.
    pub fn of<'r>(text: &str, replacements: impl IntoIterator<Item = (Range<usize>, &'r str)>, unit: Unit) -> Self {
        let mut shifts = Self::default();
        let mut done = 0;
        let count = |range: Range<usize>| unit.count(text.get(range).unwrap_or_default());
        for (range, with) in replacements {
            shifts.push(count(done..range.start), count(range.clone()), unit.count(with));
            done = range.end;
        }
        shifts
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a part that stands `after` units behind the one before, and was `old` units long and is `new` units long.
    pub fn push(&mut self, after: u64, old: u64, new: u64) {
        let (at_old, at_new) = self.0.last().map_or((0, 0), |last| (last.old.end, last.new.end));
        let (from_old, from_new) = (at_old + after, at_new + after);
        self.0.push(Shift { old: from_old..from_old + old, new: from_new..from_new + new });
    }

    /// Where a place of the text as it was is now. A place within a replaced part is at that end of what stands there now.
    pub fn moved(&self, place: u64, edge: Edge) -> u64 {
        let at = self.0.partition_point(|shift| shift.old.start < place && shift.old.end <= place);
        match self.0.get(at) {
            Some(shift) if shift.old.start < place => match edge {
                Edge::Start => shift.new.start,
                Edge::End => shift.new.end,
            },
            _ => match at.checked_sub(1).map(|before| &self.0[before]) {
                Some(before) => before.new.end.saturating_add(place - before.old.end),
                None => place,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_with_the_text_in_each_unit() {
        // "€ " is 4 bytes, 2 code points; the clef is 4 bytes, 2 code units
        let text = "€ 8609 𝄞 8609 end";
        let replacements =
            || text.match_indices("8609").zip(["[ID]€", "x"]).map(|((at, old), new)| (at..at + old.len(), new));
        let rewritten = "€ [ID]€ 𝄞 x end";
        for unit in [Unit::Bytes, Unit::CodePoints, Unit::Utf16] {
            let shifts = Shifts::of(text, replacements(), unit);
            for word in ["€", "𝄞", "end"] {
                let place = |text: &str| unit.count(text.split(word).next().unwrap_or_default());
                let (old, new, len) = (place(text), place(rewritten), unit.count(word));
                assert_eq!(shifts.moved(old, Edge::Start), new, "{unit:?} {word}");
                assert_eq!(shifts.moved(old + len, Edge::End), new + len, "{unit:?} {word}");
            }
        }
    }

    #[test]
    fn places_within_what_was_replaced_go_to_its_ends() {
        let shifts = Shifts::of("ab8609cd", [(2..6, "[NUMBER]")], Unit::Bytes);
        let moved = |place, edge| shifts.moved(place, edge);
        assert_eq!([2, 4, 6, 8].map(|place| moved(place, Edge::Start)), [2, 2, 10, 12]);
        assert_eq!([2, 4, 6, 8].map(|place| moved(place, Edge::End)), [2, 10, 10, 12]);
        assert_eq!(moved(u64::MAX, Edge::End), u64::MAX);
        assert_eq!(Shifts::default().moved(7, Edge::Start), 7);
    }
}
