//! Runs: figures, capital letters and number words with nothing but gaps between them.
//!
//! What a run is does not depend on where the search for it began: two tokens belong together if what stands between them
//! is a gap, and a run is as long as that holds. So a stream finds the runs of the whole text.

use super::signs;
use super::spelled::{self, Word};
use crate::detect::MAX_WIDTH;

/// Longest run that is read, in bytes: a value is no longer than any other match.
pub(super) const LONGEST: usize = MAX_WIDTH;
/// Longest gap, in bytes: a table cell's end and beginning with a line break and indentation.
pub(super) const LONGEST_GAP: usize = 48;
/// Longest token, in bytes.
pub(super) const LONGEST_TOKEN: usize = 64;
/// Most tokens of letters in a row: the five letters with which some identifiers begin.
const MOST_LETTERS: usize = 5;

/// What may stand in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Figures,
    /// Capital letters with figures.
    Mixed,
    /// One to four capital letters.
    Letters,
    Word(Word),
}

impl Kind {
    /// Whether it is only read beside others that say numbers.
    fn is_weak(self) -> bool {
        matches!(self, Kind::Letters | Kind::Word(Word::Link | Word::Pause | Word::Times(_)))
    }
}

/// What a gap is made of; the greater, the more it parts. Bits of [`Gap::NONE`] and its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap(u16);

impl Gap {
    pub const NONE: Gap = Gap(0);
    pub const SPACE: Gap = Gap(1);
    /// Two spaces or more.
    pub const WIDE: Gap = Gap(2);
    pub const DOT: Gap = Gap(4);
    pub const HYPHEN: Gap = Gap(8);
    pub const SLASH: Gap = Gap(16);
    /// Emphasis, quotes, inline tags.
    pub const MARK: Gap = Gap(32);
    pub const COMMA: Gap = Gap(64);
    pub const BRACKET: Gap = Gap(128);
    /// Table cells.
    pub const CELL: Gap = Gap(256);
    pub const LINE: Gap = Gap(512);
    /// An empty line, a table row.
    pub const PARAGRAPH: Gap = Gap(1024);
    /// A word that is no part of a number.
    pub const WORD: Gap = Gap(2048);

    /// How much it parts: nothing but a word parts more than 4.
    pub fn level(self) -> u8 {
        match self.0 {
            0..64 => 0,
            64..256 => 1,
            256..512 => 2,
            512..1024 => 3,
            1024..2048 => 4,
            _ => 5,
        }
    }

    pub const fn with(self, other: Gap) -> Gap {
        Gap(self.0 | other.0)
    }

    pub fn without(self, other: Gap) -> Gap {
        Gap(self.0 & !other.0)
    }

    pub fn has(self, other: Gap) -> bool {
        self.0 & other.0 != 0
    }

    /// What it is made of within a line.
    pub fn without_line(self) -> Gap {
        if self.has(Gap::LINE) { Gap::NONE } else { self }
    }

    /// Whether nothing else is in it.
    pub fn only(self, others: Gap) -> bool {
        self.0 & !others.0 == 0
    }
}

/// A token of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub start: usize,
    pub end: usize,
    pub kind: Kind,
    /// What stands before it.
    pub gap: Gap,
}

/// Tokens in a row.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub tokens: Vec<Token>,
}

impl Run {
    /// Takes in the run that holds the token which begins at `at`. Returns where to go on looking; there are no tokens if
    /// there is no run, or one that is too long.
    pub fn fill(&mut self, text: &str, at: usize) -> usize {
        self.tokens.clear();
        let Some(first) = token_at(text, at) else { return at + 1 };
        let start = start_of(text, first);
        let mut next = token_at(text, start).map(|token| (token, Gap::NONE));
        let (mut end, mut weak, mut read_until) = (start, 0, start);
        while let Some((token, gap)) = next {
            weak = if token.kind.is_weak() { weak + 1 } else { 0 };
            if weak > MOST_LETTERS {
                break;
            }
            if weak == 0 {
                end = token.end;
            }
            if end - start <= LONGEST {
                self.tokens.push(Token { gap, ..token });
            }
            read_until = token.end;
            next = gap_at(text.as_bytes(), token.end).and_then(|(at, gap)| Some((token_at(text, at)?, gap)));
        }
        if end - start > LONGEST {
            self.tokens.clear();
        }
        // A letter may end it, more do not.
        self.tokens.truncate(self.tokens.len().saturating_sub(weak.min(MOST_LETTERS).saturating_sub(1)));
        let end = self.tokens.last().map_or(read_until, |last| last.end);
        end.max(first.end)
    }

    /// Whether its own groups are a sign of it, so that it is read whatever else stands near.
    pub fn has_sign(&self, text: &str) -> bool {
        let (mut groups, mut words) = (0, 0);
        for token in &self.tokens {
            let own = &text.as_bytes()[token.start..token.end];
            if matches!(token.kind, Kind::Word(_)) {
                words += usize::from(spelled::is_met(text, token.start));
            }
            groups += own
                .chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit())
                .filter(|part| part[0].is_ascii_digit())
                .count();
        }
        signs::are_sign(groups + words, words)
    }
}

/// The tokens of a text that begins with one, as far as they are in a row.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let first = (0..=2).find_map(|at| token_at(text, at));
    let next = |before: &Token| {
        let (at, gap) = gap_at(text.as_bytes(), before.end)?;
        token_at(text, at).map(|token| Token { gap, ..token })
    };
    std::iter::successors(first, next).collect()
}

/// Where the run begins to which `token` belongs; if that is far, some place further away than a run is long.
fn start_of(text: &str, token: Token) -> usize {
    let (mut first, mut weak) = (token, usize::from(token.kind.is_weak()));
    while token.end - first.start <= LONGEST
        && let Some(before) = gap_before(text.as_bytes(), first.start).and_then(|end| token_before(text, end))
    {
        weak = if before.kind.is_weak() { weak + 1 } else { 0 };
        if weak > MOST_LETTERS {
            break;
        }
        first = before;
    }
    first.start
}

/// Where a run begins that later text may still make longer; the end of the text if there is none.
pub(super) fn open(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    let word = token_start(bytes, end);
    let mut open = end;
    if word < end {
        // A token that may go on: it is looked at as it may become.
        let part = &text[word..];
        let capitals = part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        if end - word <= LONGEST_TOKEN && (capitals || spelled::begins(part)) {
            open = word;
        } else {
            return end;
        }
        end = word;
    }
    // The beginning of a tag.
    let near = end.saturating_sub(LONGEST_TAG);
    if let Some(tag) = bytes[near..end].iter().rposition(|b| *b == b'<').map(|at| near + at)
        && text.len() - tag <= LONGEST_TAG
        && bytes[tag + 1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'/')
    {
        open = tag;
        end = tag;
    }
    let Some(before) = gap_before(bytes, end).and_then(|end| token_before(text, end)) else { return open };
    let start = start_of(text, before);
    let mut last = before;
    while last.kind.is_weak() && last.start > start {
        let previous = gap_before(bytes, last.start).and_then(|end| token_before(text, end));
        last = previous.expect("it is in the run");
    }
    if last.end - start > LONGEST { open } else { start }
}

/// The token that begins at `at`.
fn token_at(text: &str, at: usize) -> Option<Token> {
    let bytes = text.as_bytes();
    if let Some(token) = character(text.get(at..)?.chars().next()?, at) {
        return Some(token);
    }
    let end = token_end(bytes, at);
    (end > at && token_start(bytes, end) == at).then(|| token(text, at, end)).flatten()
}

/// The token that ends at `end`.
fn token_before(text: &str, end: usize) -> Option<Token> {
    let last = text[..end].chars().next_back()?;
    if let Some(token) = character(last, end - last.len_utf8()) {
        return Some(token);
    }
    let start = token_start(text.as_bytes(), end);
    // A token ends only where its letters do.
    (start < end && token_end(text.as_bytes(), start) == end).then(|| token(text, start, end)).flatten()
}

fn character(c: char, start: usize) -> Option<Token> {
    let word = if c.is_ascii() { None } else { spelled::character(c) }?;
    Some(Token { start, end: start + c.len_utf8(), kind: Kind::Word(word), gap: Gap::NONE })
}

fn token(text: &str, start: usize, end: usize) -> Option<Token> {
    let token = &text[start..end];
    let of_tag = text[..start].ends_with('<') || text[..start].ends_with("</");
    if end - start > LONGEST_TOKEN || of_tag {
        return None;
    }
    let figures = token.bytes().filter(u8::is_ascii_digit).count();
    let capitals = token.bytes().filter(u8::is_ascii_uppercase).count();
    let kind = if figures == token.len() {
        Kind::Figures
    } else if figures > 0 && figures + capitals == token.len() {
        Kind::Mixed
    } else if token != "O"
        && let Some(word) = spelled::word(token)
    {
        Kind::Word(word)
    } else if capitals == token.len() && capitals <= 4 {
        Kind::Letters
    } else {
        return None;
    };
    Some(Token { start, end, kind, gap: Gap::NONE })
}

/// Where letters and figures from `at` end, no further than [`LONGEST_TOKEN`] and a bit.
fn token_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at;
    while end - at <= LONGEST_TOKEN {
        match bytes[end..] {
            [b, ..] if b.is_ascii_alphanumeric() => end += 1,
            [0xC3..=0xCA, _, ..] => end += 2,
            _ => break,
        }
    }
    end
}

/// Where letters and figures before `end` begin, no further than [`LONGEST_TOKEN`] and a bit.
fn token_start(bytes: &[u8], end: usize) -> usize {
    let mut start = end;
    while end - start <= LONGEST_TOKEN {
        match bytes[..start] {
            [.., b] if b.is_ascii_alphanumeric() => start -= 1,
            [.., 0xC3..=0xCA, 0x80..=0xBF] => start -= 2,
            _ => break,
        }
    }
    start
}

/// The gap from `at` on and its end; `None` if it is too long.
fn gap_at(bytes: &[u8], at: usize) -> Option<(usize, Gap)> {
    let (mut end, mut gap) = (at, Gap::NONE);
    while let Some((length, part)) = part_at(&bytes[end..]) {
        let doubled = part == Gap::SPACE && gap.has(Gap::SPACE) && bytes[end - 1] == b' ';
        let empty = part == Gap::LINE && gap.has(Gap::LINE);
        end += length;
        if end - at > LONGEST_GAP {
            return None;
        }
        gap = match part {
            _ if doubled => gap.with(Gap::WIDE),
            _ if empty => gap.with(Gap::PARAGRAPH),
            // Indentation, quote marks and bullets of the next line.
            part if gap.has(Gap::LINE) && part.level() == 0 => gap,
            part => gap.with(part),
        };
    }
    Some((end, gap))
}

/// Where the gap before `end` begins; `None` if it is too long.
pub(super) fn gap_before(bytes: &[u8], end: usize) -> Option<usize> {
    let mut start = end;
    while let Some(length) = part_before(&bytes[..start]) {
        start -= length;
        if end - start > LONGEST_GAP {
            return None;
        }
    }
    Some(start)
}

fn mark(byte: u8) -> Option<Gap> {
    Some(match byte {
        b' ' => Gap::SPACE,
        b'.' => Gap::DOT,
        b'-' => Gap::HYPHEN,
        b'/' | b'\\' => Gap::SLASH,
        b'*' | b'_' | b'`' | b'~' | b'^' | b'\'' | b'"' | b'#' | b'>' => Gap::MARK,
        b',' | b';' | b':' => Gap::COMMA,
        b'(' | b')' | b'[' | b']' | b'{' | b'}' => Gap::BRACKET,
        b'|' | b'\t' => Gap::CELL,
        b'\n' => Gap::LINE,
        b'\r' => Gap::NONE,
        _ => return None,
    })
}

fn wide_mark(c: [u8; 3]) -> Option<Gap> {
    Some(match &c {
        // Hyphens and dashes, the minus sign.
        [0xE2, 0x80, 0x90..=0x95] | [0xE2, 0x88, 0x92] => Gap::HYPHEN,
        // Bullet, ellipsis, middle dot.
        [0xE2, 0x80, 0xA2 | 0xA6] | [0xE3, 0x83, 0xBB] => Gap::MARK,
        // Ideographic space, comma; full-width comma.
        [0xE3, 0x80, 0x80] => Gap::WIDE,
        [0xE3, 0x80, 0x81] | [0xEF, 0xBC, 0x8C] => Gap::COMMA,
        _ => return None,
    })
}

/// The longest tag, in bytes, from `<` to `>`.
const LONGEST_TAG: usize = 16;

/// The part of a gap at the beginning of `bytes`: its length, and what it is.
fn part_at(bytes: &[u8]) -> Option<(usize, Gap)> {
    match *bytes {
        [b'<', ..] => {
            let length = bytes.iter().take(LONGEST_TAG).position(|b| *b == b'>')? + 1;
            Some((length, tag(&bytes[..length])?))
        }
        [0xC2, 0xA0, ..] => Some((2, Gap::SPACE)),
        [0xC2, 0xB7, ..] => Some((2, Gap::MARK)),
        [byte, ..] if byte < 0x80 => Some((1, mark(byte)?)),
        [a, b, c, ..] => Some((3, wide_mark([a, b, c])?)),
        _ => None,
    }
}

/// The length of the part of a gap at the end of `bytes`.
fn part_before(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [.., 0xC2, 0xA0 | 0xB7] => Some(2),
        [.., b'>'] => {
            let within = &bytes[bytes.len().saturating_sub(LONGEST_TAG)..];
            let start = within.iter().rposition(|b| *b == b'<');
            Some(start.map(|start| &within[start..]).filter(|tagged| tag(tagged).is_some()).map_or(1, <[u8]>::len))
        }
        [.., byte] if byte < 0x80 => mark(byte).map(|_| 1),
        [.., a, b, c] => wide_mark([a, b, c]).map(|_| 3),
        _ => None,
    }
}

/// What a tag without attributes parts.
fn tag(bytes: &[u8]) -> Option<Gap> {
    let name = bytes.strip_prefix(b"<")?.strip_suffix(b">")?;
    let name = name.strip_prefix(b"/").unwrap_or(name);
    let name = name.strip_suffix(b"/").unwrap_or(name);
    let is_name = name.first()?.is_ascii_alphabetic() && name.iter().all(u8::is_ascii_alphanumeric);
    is_name.then(|| match name.to_ascii_lowercase().as_slice() {
        b"td" | b"th" => Gap::CELL,
        b"br" | b"p" | b"div" | b"li" => Gap::LINE,
        b"tr" => Gap::PARAGRAPH,
        _ => Gap::MARK,
    })
}
