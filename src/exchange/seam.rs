//! Values split over neighbouring texts of one body: messages, content parts, JSON fields, array items.
//!
//! A *seam* is where one text of a channel ends and the next begins: strings next to strings, numbers next to numbers, in the
//! order of the body. Where a value could go over a seam, the end of the one text and the beginning of the next are read as
//! one; many small texts in a row are one chain. There are two ways to join: as written, and with a space between (a number
//! cut where it is grouped). Words of prose join neither way, so ordinary conversations cost nothing.
//!
//! Each byte takes part in one chain of each way at most, and once more as what stands before a chain.

use crate::decode::{Channel, Segment};
use crate::detect::MAX_WIDTH;
use std::ops::Range;

/// How far a value reaches into a long text from its seam, in bytes.
const REACH: usize = MAX_WIDTH;
/// What is read before a chain for the words that speak of its values, in bytes.
const LEAD: usize = 128;
/// Longest word that is looked at beside a seam, in bytes.
const WORD: usize = 64;
/// Longest white space that a number may have at a seam, in bytes: a blank, or a line end.
const GAP: usize = 2;

/// Neighbouring texts read as one.
#[derive(Default)]
pub(super) struct Chain {
    pub text: String,
    parts: Vec<Part>,
    /// Its parts are JSON numbers.
    numbers: bool,
}

/// A part of a segment, where it stands in a chain.
struct Part {
    at: usize,
    segment: usize,
    range: Range<usize>,
}

impl Part {
    fn end(&self) -> usize {
        self.at + self.range.len()
    }
}

impl Chain {
    /// The segment it begins in.
    pub fn segment(&self) -> usize {
        self.parts[0].segment
    }

    /// The parts that a range of the chain touches.
    fn touched(&self, span: &Range<usize>) -> &[Part] {
        let first = self.parts.partition_point(|part| part.end() <= span.start);
        let after = self.parts.partition_point(|part| part.at < span.end);
        self.parts.get(first..after).unwrap_or_default()
    }

    /// The ranges of segments that a range of the chain covers, if it goes over a seam and covers nothing but texts.
    pub fn split(&self, span: &Range<usize>) -> Option<Vec<(usize, Range<usize>)>> {
        let touched = self.touched(span);
        let [first, .., last] = touched else { return None };
        if span.start < first.at || span.end > last.end() {
            return None;
        }
        let covered = touched.iter().map(|part| {
            let (start, end) = (span.start.max(part.at) - part.at, span.end.min(part.end()) - part.at);
            (part.segment, part.range.start + start..part.range.start + end)
        });
        Some(covered.collect())
    }

    /// Whether numbers that merely stand side by side (sizes, boxes, rows of a table) can pass for the value at this range:
    /// one in ten has the right check digit. Where words go along, or the value is all of the chain, they do not; but JSON
    /// numbers do, unless each is one digit.
    pub fn is_chance(&self, span: &Range<usize>) -> bool {
        let text = |part: &Part| &self.text[part.at..part.end()];
        if self.touched(span).iter().any(|part| text(part).contains(char::is_alphabetic)) {
            return false;
        }
        let whole = self.parts.first().is_some_and(|part| part.at == span.start)
            && self.parts.last().is_some_and(|part| part.end() == span.end);
        !whole || self.numbers && self.parts.iter().any(|part| part.range.len() > 1)
    }

    fn begin(&mut self, before: Option<&Piece<'_>>, first: &Piece<'_>) {
        let own = &first.segment_text[..first.range.start];
        match before.filter(|_| own.is_empty()) {
            Some(before) => {
                self.text.push_str(tail(before.text(), LEAD));
                self.text.push('\n');
            }
            None => self.text.push_str(tail(own, LEAD)),
        }
        self.add("", first, first.range.end - tail(first.text(), REACH).len()..first.range.end);
    }

    fn add(&mut self, gap: &str, piece: &Piece<'_>, range: Range<usize>) {
        self.text.push_str(gap);
        let text = &piece.segment_text[range.clone()];
        self.parts.push(Part { at: self.text.len(), segment: piece.segment, range });
        self.text.push_str(text);
    }

    /// Takes the white space off its end.
    fn trim(&mut self) {
        let blank = self.text.len() - self.text.trim_end().len();
        self.text.truncate(self.text.len() - blank);
        if let Some(last) = self.parts.last_mut() {
            last.range.end -= blank;
        }
    }

    fn end(&mut self, each: &mut impl FnMut(&Chain)) {
        if self.parts.len() > 1 {
            each(self);
        }
        self.text.clear();
        self.parts.clear();
    }
}

/// A text beside a seam.
#[derive(Clone)]
struct Piece<'s> {
    segment: usize,
    segment_text: &'s str,
    range: Range<usize>,
}

impl<'s> Piece<'s> {
    fn text(&self) -> &'s str {
        &self.segment_text[self.range.clone()]
    }
}

/// The texts of one channel that may hold parts of one value, as they come.
struct Row<'s> {
    before: Option<Piece<'s>>,
    last: Option<Piece<'s>>,
    written: Chain,
    spaced: Chain,
}

impl<'s> Row<'s> {
    fn of(numbers: bool) -> Self {
        let chain = || Chain { numbers, ..Chain::default() };
        Self { before: None, last: None, written: chain(), spaced: chain() }
    }

    fn push(&mut self, piece: Piece<'s>, each: &mut impl FnMut(&Chain)) {
        if let Some(last) = &self.last {
            let seam = Seam::of(last.text(), piece.text());
            let ways = [(&mut self.written, seam.written, false), (&mut self.spaced, seam.spaced, true)];
            for (chain, open, spaced) in ways {
                if !open {
                    chain.end(each);
                    continue;
                }
                if chain.parts.is_empty() {
                    chain.begin(self.before.as_ref(), last);
                }
                let mut range = piece.range.clone();
                if spaced {
                    chain.trim();
                    range.start += piece.text().len() - piece.text().trim_start().len();
                }
                let long = range.len() > 2 * REACH;
                if long {
                    range.end = range.start + head(&piece.segment_text[range.clone()], REACH).len();
                }
                chain.add(if spaced { " " } else { "" }, &piece, range);
                if long {
                    chain.end(each);
                }
            }
        }
        self.before = self.last.replace(piece);
    }

    fn end(&mut self, each: &mut impl FnMut(&Chain)) {
        self.written.end(each);
        self.spaced.end(each);
        (self.before, self.last) = (None, None);
    }
}

/// Hands out every chain of a body's texts.
pub(super) fn chains(segments: &[Segment<'_>], mut each: impl FnMut(&Chain)) {
    let mut order: Vec<usize> = (0..segments.len()).collect();
    order.sort_by_key(|index| segments[*index].source_span(0..0).start);
    let mut rows: Vec<(Channel, Row<'_>, Row<'_>)> = Vec::new();
    for segment in order {
        let of = &segments[segment];
        let row = rows.iter().position(|(channel, ..)| *channel == of.channel).unwrap_or_else(|| {
            rows.push((of.channel, Row::of(false), Row::of(true)));
            rows.len() - 1
        });
        let (_, strings, numbers) = &mut rows[row];
        for leaf in of.leaves() {
            let piece = Piece { segment, segment_text: &of.text, range: leaf.range };
            if leaf.number {
                numbers.push(piece, &mut each);
            } else if !piece.text().trim().is_empty() {
                numbers.end(&mut each);
                strings.push(piece, &mut each);
            }
        }
    }
    for (_, mut strings, mut numbers) in rows {
        strings.end(&mut each);
        numbers.end(&mut each);
    }
}

/// Which ways two texts may be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seam {
    written: bool,
    spaced: bool,
}

impl Seam {
    fn of(before: &str, after: &str) -> Self {
        let (left, right) = (before.trim_end(), after.trim_start());
        let gap = before.len() - left.len() + after.len() - right.len();
        let (left, right) = (Word::last(left), Word::first(right));
        let spaced = gap <= GAP && left.is_group() && right.is_group() && (left.has_digit() || right.has_digit());
        let (Some(end), Some(start)) = (left.text.bytes().last(), right.text.bytes().next()) else {
            return Self { written: false, spaced: false };
        };
        let touch = gap == 0 && end.is_ascii_graphic() && start.is_ascii_graphic();
        let tied = left.text.len() > 1 && TIES.contains(&end) || right.text.len() > 1 && TIES.contains(&start);
        let prose = left.is_prose(&right) || right.is_prose(&left);
        // versions, amounts and measurements stand side by side in lists
        let decimals = left.is_dotted() && right.is_dotted() && end.is_ascii_digit() && start.is_ascii_digit();
        Self { written: spaced || touch && !decimals && (tied || !prose), spaced }
    }
}

/// Characters that tie the parts of a token or an address together.
const TIES: &[u8] = b"_-+/=@";
/// Letters from which a text that is one word is a word rather than a piece of a token.
const WORD_ALONE: usize = 4;

/// The word beside a seam.
struct Word<'t> {
    text: &'t str,
    /// Without the punctuation of a sentence.
    bare: &'t str,
    /// It is all of its text.
    alone: bool,
}

impl<'t> Word<'t> {
    fn last(text: &'t str) -> Self {
        let end = tail(text, WORD);
        Self::new(end.rsplit(char::is_whitespace).next().unwrap_or(end), text)
    }

    fn first(text: &'t str) -> Self {
        let start = head(text, WORD);
        Self::new(start.split(char::is_whitespace).next().unwrap_or(start), text)
    }

    fn new(word: &'t str, of: &str) -> Self {
        let sentence = |c: char| c.is_ascii_punctuation() && !TIES.contains(&(c as u8));
        Self { text: word, bare: word.trim_matches(sentence), alone: word.len() == of.len() }
    }

    fn has_digit(&self) -> bool {
        self.bare.bytes().any(|b| b.is_ascii_digit())
    }

    /// A group of digits or capitals, of a number as people write it.
    fn is_group(&self) -> bool {
        let shape = self.bare.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b"-/".contains(&b));
        shape && ((1..=4).contains(&self.bare.len()) || self.has_digit())
    }

    fn is_dotted(&self) -> bool {
        self.has_digit() && self.bare.contains('.')
    }

    fn is_number(&self) -> bool {
        self.has_digit() && self.bare.bytes().all(|b| !b.is_ascii_alphabetic())
    }

    /// A word of a sentence: small letters, perhaps after a capital one.
    fn is_prose(&self, beside: &Word<'_>) -> bool {
        let least = if self.alone && !beside.is_number() { WORD_ALONE } else { 2 };
        let bytes = self.bare.as_bytes();
        bytes.len() >= least && bytes[0].is_ascii_alphabetic() && bytes[1..].iter().all(u8::is_ascii_lowercase)
    }
}

/// At most so many bytes from the end of a text.
fn tail(text: &str, bytes: usize) -> &str {
    let at = text.len().saturating_sub(bytes);
    let at = (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    &text[at..]
}

/// At most so many bytes from the beginning of a text.
fn head(text: &str, bytes: usize) -> &str {
    let at = bytes.min(text.len());
    let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seam(before: &str, after: &str) -> (bool, bool) {
        let Seam { written, spaced } = Seam::of(before, after);
        (written, spaced)
    }

    #[test]
    fn pieces_of_a_value_join_and_words_do_not() {
        assert_eq!(seam("my card is 4539 5787", "6362 1486 thanks"), (true, true));
        assert_eq!(seam("4539 57", "87 6362"), (true, true));
        assert_eq!(seam("4539 5787 ", "6362"), (true, true));
        assert_eq!(seam("4", "5"), (true, true));
        assert_eq!(seam("key sk_live_4eC3", "9HqLyjWD"), (true, false));
        assert_eq!(seam("deploy with sk", "_live_4eC3"), (true, false));
        assert_eq!(seam("DE89 3704", "0044"), (true, true));
        for (before, after) in [
            ("How are you?", "Fine."),
            ("the number is", "4539 5787"),
            ("6362 1486", "Thanks"),
            ("1486", "ok"),
            ("in 2024.\n\n\n", "12 items"),
            ("我的卡号是", "什么"),
            ("6.1.2", "5.8.15"),
            ("", "4539"),
        ] {
            assert_eq!(seam(before, after), (false, false), "{before:?} {after:?}");
        }
    }

    fn segments(texts: &[String]) -> Vec<Segment<'_>> {
        let mut at = 0;
        let place = |text: &String| {
            at += text.len();
            at - text.len()..at
        };
        let spans: Vec<_> = texts.iter().map(place).collect();
        let each = spans.into_iter().zip(texts).enumerate();
        each.map(|(i, (span, text))| Segment::raw(Channel::Prompt, format!("{i}"), span, text)).collect()
    }

    proptest! {
        /// Whatever the texts: every range of a chain that is split says where its characters stand, in order, and each byte
        /// of a text is in one chain of each way at most.
        #[test]
        fn a_chain_leads_back_to_its_texts(texts in prop::collection::vec("[0-9aé _.]{0,9}|[0-9]{1,4}|[0-9a-f]{1500}", 0..9), cut in 0usize..40) {
            let segments = segments(&texts);
            let mut read = vec![0; texts.concat().len()];
            let mut wrong = None;
            chains(&segments, |chain| {
                for part in &chain.parts {
                    let text = &segments[part.segment].text[part.range.clone()];
                    if *text != chain.text[part.at..part.end()] {
                        wrong = Some("a part is not its text");
                    }
                    segments[part.segment].source_span(part.range.clone()).for_each(|at| read[at] += 1);
                }
                let (first, last) = (&chain.parts[0], &chain.parts[chain.parts.len() - 1]);
                let from = first.at + cut.min(first.range.len() - 1);
                let from = (first.at..=from).rev().find(|at| chain.text.is_char_boundary(*at)).unwrap_or(first.at);
                let Some(places) = chain.split(&(from..last.end())) else {
                    return wrong = Some("a range over all seams is not split");
                };
                let together: String = places.iter().map(|(s, range)| &segments[*s].text[range.clone()]).collect();
                // between two texts there may be a blank that neither has
                if together.replace(' ', "") != chain.text[from..last.end()].replace(' ', "") {
                    wrong = Some("the places do not hold the range");
                }
            });
            prop_assert_eq!(wrong, None);
            prop_assert!(read.iter().all(|times| *times <= 2));
        }
    }
}
