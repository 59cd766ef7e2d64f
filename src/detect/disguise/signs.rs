//! Signs of numbers that are not written in one: groups of digits and number words in a row, as the sweep meets them.
//!
//! A row is what may be a run (see [`super::run`]), or hold one: it is broken only where no run goes on. What is told of it as
//! *plausible* is what [`super::digits`] may let count without a context word, and more.

use super::digits::{FEWEST_DIGITS, FEWEST_WORDS, fewest_even};
use super::run::LONGEST_GAP;
use super::spelled;
use std::ops::Range;

/// Groups of digits, begin of the gap to begin of the next, are in no row if they are further apart.
const NEAR: usize = 64;
/// Groups in a row that are a sign of a run.
const SIGN: usize = 2;
/// Single digits in a row that look like one.
const SINGLES: usize = FEWEST_DIGITS;

/// Whether so many groups in a row, of which some are words, are a sign of a run: two words alone are nobody's number.
pub(super) fn are_sign(groups: usize, words: usize) -> bool {
    groups >= SIGN && (words < groups || words >= FEWEST_WORDS)
}

/// Where a run may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::detect) struct Sign {
    /// From a first token to the beginning of a last.
    pub range: Range<usize>,
    /// It may be a number without a context word.
    pub plausible: bool,
    /// There are number words in it.
    pub words: bool,
}

/// What the sweep meets on its way.
#[derive(Debug, Default)]
pub(in crate::detect) struct Signs {
    found: Vec<Sign>,
    /// The last row.
    row: Row,
}

/// Groups of digits and number words in a row.
#[derive(Debug, Default)]
struct Row {
    range: Range<usize>,
    groups: usize,
    words: usize,
    /// It is the last of those found.
    found: bool,
    /// Where the last group ends; where the last word begins, if that was the last.
    end: usize,
    last_is_word: bool,
    segment: Segment,
}

/// Groups with nothing between them that stands in lists.
#[derive(Debug, Default)]
struct Segment {
    groups: usize,
    /// Single digits up to the last group.
    singles: usize,
    /// Length of the last group, and the gap before it.
    length: usize,
    gap: Option<u8>,
    /// Digits of the last groups with like gaps; and how many of these groups are as long as the last.
    like_digits: usize,
    equal: usize,
    /// A word of capital letters stands before a group.
    letters: bool,
    /// Where the first group begins, if it is not known what stands before it.
    begin: Option<usize>,
    /// A gap is what numbers are not parted by.
    unusual: bool,
}

impl Signs {
    pub fn clear(&mut self) {
        self.found.clear();
        self.row.groups = 0;
    }

    /// Rows in order.
    pub fn found(&self) -> &[Sign] {
        &self.found
    }

    /// Whether there is any.
    pub fn any(&self) -> bool {
        !self.found.is_empty()
    }

    /// A group of digits stands at `group`. So many digits make a value that hardly any random ones are: `least_certain`.
    pub fn digits(&mut self, bytes: &[u8], group: Range<usize>, least_certain: usize) {
        let row = &mut self.row;
        let gap = row.gap(bytes, group.start).and_then(|gap| match row.last_is_word {
            true => Some(Between { like: None, list: false, cell: false, letters: true, unusual: true }),
            false => Between::of(gap),
        });
        match gap {
            None => {
                *row = Row::default();
                row.segment.begin = Some(group.start);
            }
            Some(gap) if gap.list => row.segment = Segment { letters: gap.letters, ..Segment::default() },
            Some(gap) if gap.cell => row.segment.next_cell(&gap, bytes),
            Some(gap) => row.segment.go_on(&gap),
        }
        row.segment.add(group.len());
        let plausible = row.segment.groups > 1 && row.segment.is_plausible(bytes, least_certain);
        row.last_is_word = false;
        self.token(group.start, group.end, plausible);
    }

    /// A number word seems to begin at `at`.
    pub fn word(&mut self, bytes: &[u8], at: usize) {
        let row = &mut self.row;
        if row.gap(bytes, at).is_none_or(|gap| !row.last_is_word && Between::of(gap).is_none()) {
            *row = Row::default();
        }
        row.words += 1;
        row.last_is_word = true;
        self.token(at, at, true);
    }

    fn token(&mut self, start: usize, end: usize, plausible: bool) {
        let row = &mut self.row;
        if row.groups == 0 {
            row.range.start = start;
        }
        (row.range.end, row.end) = (start, end);
        row.groups += 1;
        if !are_sign(row.groups, row.words) {
            return;
        }
        let words = row.words > 0;
        // Not every word of a run is met, so that fewer than `FEWEST_WORDS` may be enough.
        let plausible = plausible || words;
        if std::mem::replace(&mut row.found, true) {
            let sign = self.found.last_mut().expect("the row is in it");
            sign.range.end = start;
            sign.plausible |= plausible;
            sign.words |= words;
        } else {
            self.found.push(Sign { range: row.range.clone(), plausible, words });
        }
    }
}

impl Row {
    /// What stands between it and `at`, from the last word on if a word is the last; `None` if it ends before.
    fn gap<'b>(&self, bytes: &'b [u8], at: usize) -> Option<&'b [u8]> {
        let gap = (self.groups > 0 && at - self.end <= NEAR).then(|| &bytes[self.end..at])?;
        (!self.last_is_word || gap.contains(&b'<') || may_be_number_words(gap, true)).then_some(gap)
    }
}

impl Segment {
    /// A cell ends: what begins with letters may go on in the next.
    fn next_cell(&mut self, gap: &Between, bytes: &[u8]) {
        let letters = self.letters(bytes) || gap.letters;
        *self = Segment { letters, groups: usize::from(letters), ..Segment::default() };
    }

    /// Whether a word of capital letters stands before a group.
    fn letters(&mut self, bytes: &[u8]) -> bool {
        if let Some(begin) = self.begin.take() {
            self.letters |= ends_in_letters(&bytes[begin.saturating_sub(LONGEST_GAP + 8)..begin]);
        }
        self.letters
    }

    /// What stands between the last group and the next.
    fn go_on(&mut self, gap: &Between) {
        let like = gap.like.is_none() || self.gap.is_none() || gap.like == self.gap;
        if !like {
            (self.equal, self.like_digits) = (1, self.length);
        }
        self.gap = gap.like.or(self.gap.filter(|_| like));
        self.letters |= gap.letters;
        self.unusual |= gap.unusual;
    }

    /// Takes in a group.
    fn add(&mut self, length: usize) {
        self.equal = if length == self.length { self.equal + 1 } else { 1 };
        self.singles = if length == 1 { self.singles + 1 } else { 0 };
        self.length = length;
        self.groups += 1;
        self.like_digits += length;
    }

    /// Whether the last groups look like a number.
    fn is_plausible(&mut self, bytes: &[u8], least_certain: usize) -> bool {
        let letters = self.letters(bytes);
        let dots = self.gap == Some(kind::DOT as u8);
        let even = self.length > 1 && self.equal >= if self.unusual { 2 } else { fewest_even(dots, self.length) };
        even || self.singles >= SINGLES || letters || self.like_digits >= least_certain
    }
}

/// What stands between two groups of digits.
struct Between {
    /// What the gap is made of, if that tells it from others: bits of blank, dot, hyphen, slash.
    like: Option<u8>,
    /// What stands between the items of a list, or between cells.
    list: bool,
    cell: bool,
    /// A word of capital letters, or one that is no ASCII.
    letters: bool,
    /// Not what stands in numbers.
    unusual: bool,
}

/// What bytes are in a gap, bits of one another.
mod kind {
    pub const BLANK: u16 = 1;
    pub const DOT: u16 = 2;
    pub const HYPHEN: u16 = 4;
    pub const SLASH: u16 = 8;
    /// What tells gaps from others.
    pub const LIKE: u16 = 15;
    pub const LIST: u16 = 16;
    pub const CAPITAL: u16 = 32;
    pub const SMALL: u16 = 64;
    pub const LINE: u16 = 128;
    pub const TAG: u16 = 256;
    pub const NOT_ASCII: u16 = 512;
    /// Not what stands in numbers.
    pub const UNUSUAL: u16 = 1024;
    pub const FIGURE: u16 = 2048;
    pub const CELL: u16 = 4096;
}

const KINDS: [u16; 256] = {
    let mut kinds = [kind::UNUSUAL; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b' ' => kind::BLANK,
            b'.' => kind::DOT,
            b'-' => kind::HYPHEN,
            b'/' | b'\\' => kind::SLASH,
            b',' | b';' | b':' => kind::LIST,
            b'|' | b'\t' => kind::CELL,
            b'A'..=b'Z' => kind::CAPITAL,
            b'a'..=b'z' => kind::SMALL,
            b'0'..=b'9' => kind::FIGURE,
            b'\n' => kind::LINE,
            b'\r' => 0,
            b'<' => kind::TAG,
            0x80.. => kind::NOT_ASCII,
            _ => kind::UNUSUAL,
        };
        byte += 1;
    }
    kinds
};

impl Between {
    /// `None` if no run goes on over it.
    fn of(gap: &[u8]) -> Option<Between> {
        let kinds = gap.iter().fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)]);
        let has = |kind: u16| kinds & kind != 0;
        if has(kind::SMALL) && !has(kind::TAG) && !may_be_number_words(gap, false) {
            return None;
        }
        let wild = has(kind::SMALL | kind::TAG | kind::NOT_ASCII);
        let like = (!wild && !has(kind::LINE)).then_some((kinds & kind::LIKE) as u8);
        Some(Between {
            like,
            list: has(kind::LIST),
            cell: has(kind::CELL),
            letters: wild || has(kind::CAPITAL) && begins_capital(gap),
            unusual: wild || has(kind::UNUSUAL) || like == Some((kind::BLANK | kind::HYPHEN) as u8),
        })
    }
}

/// Whether a word begins with a capital letter; the byte before the gap is a figure.
fn begins_capital(gap: &[u8]) -> bool {
    gap.windows(2).any(|two| !two[0].is_ascii_alphanumeric() && two[1].is_ascii_uppercase())
}

/// Whether all words with small letters may be part of a number. One that touches the end goes on in figures, and so does one
/// that touches the beginning, unless the gap begins with a word: those are none.
fn may_be_number_words(gap: &[u8], begins_with_word: bool) -> bool {
    let letters = |b: &u8| b.is_ascii_alphabetic() || !b.is_ascii();
    let mut at = 0;
    while let Some(start) = gap[at..].iter().position(letters).map(|offset| at + offset) {
        let end = start + gap[start..].iter().take_while(|b| letters(b)).count();
        let word = &gap[start..end];
        let touches = end == gap.len() || start == 0 && !begins_with_word;
        if word.is_ascii() && word.iter().any(u8::is_ascii_lowercase) {
            let word = std::str::from_utf8(word).expect("ASCII");
            if touches || spelled::word(word).is_none() {
                return false;
            }
        }
        at = end;
    }
    true
}

/// Whether a word of capital letters, or what may be one, stands at the end.
fn ends_in_letters(bytes: &[u8]) -> bool {
    let mut tag = false;
    for at in (0..bytes.len()).rev() {
        match bytes[at] {
            b'>' => tag = true,
            b'<' => tag = false,
            b'a'..=b'z' if !tag => return false,
            b',' | b';' | b':' => return false,
            b'A'..=b'Z' if !tag && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric()) => return true,
            _ => {}
        }
    }
    false
}
