//! Characters that stand for ASCII characters: full-width and other forms, invisible ones between, marks, dashes and
//! spaces, and letters of other scripts that look Latin.
//!
//! Only what stands next to ASCII is folded, signs only by a word of it, and look-alikes only in words that mix them with Latin
//! letters: Russian stays Russian, and Chinese keeps its punctuation.

use super::glyphs::{Ascii, Glyph, NOTABLE, glyph};
use super::lane::{NEAR, Page};
use super::{Marks, Reader, Undecided};
use std::ops::Range;

/// Invisible characters and marks that are looked past for what stands next to one; each is at most four bytes, and so is
/// what comes before them.
const MAX_PASSED: usize = NEAR / char::MAX.len_utf8() - 1;

/// Bytes of a word before a look-alike that are looked at, and after it.
const MAX_WORD: usize = NEAR;

/// Where a text may hold the first.
pub(super) fn sign(text: &str, _: &Marks) -> Option<usize> {
    next_notable(text, 0)
}

/// See the module.
pub(super) struct Fold;

impl Reader for Fold {
    fn read(&mut self, text: &str, at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize {
        let around = Around { text, ended };
        let mut from = at;
        let mut word = Word::default();
        while let Some(start) = next_notable(text, from) {
            let c = text[start..].chars().next().expect("a character begins where one is notable");
            let (range, glyph) = (start..start + c.len_utf8(), glyph(c));
            let read = match glyph {
                Glyph::Lookalike(latin) => {
                    if word.until <= start {
                        match around.word(&range) {
                            Ok(around) => word = around,
                            Err(Undecided) => return start,
                        }
                    }
                    Ok(word.mixed.then_some(Ascii::One(latin)))
                }
                other => around.reads(other, &range),
            };
            let Ok(read) = read else { return start };
            let layer = match glyph {
                Glyph::Invisible => "invisible",
                Glyph::Mark => "mark",
                Glyph::Sign(_) => "punctuation",
                Glyph::Lookalike(_) => "lookalike",
                _ => "form",
            };
            match read {
                Some(Ascii::One(c)) => page.says(layer, range.clone(), c.encode_utf8(&mut [0; 4])),
                Some(Ascii::Several(text)) => page.says(layer, range.clone(), text),
                None => {}
            }
            from = range.end;
        }
        text.len()
    }
}

/// The next character that may be another.
fn next_notable(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let notable = &*NOTABLE;
    let mut at = from;
    while at < bytes.len() {
        at += match bytes[at..] {
            [0..0x80, ..] => ascii_run(&bytes[at..]),
            // Most of such a text is of one length, so this is not asked of every kind of character apart.
            [first @ 0xE0..0xF0, second, third, ..] => {
                let bits = |byte: u8, kept: u8| u32::from(byte & kept);
                if notable.holds(bits(first, 0x0F) << 12 | bits(second, 0x3F) << 6 | bits(third, 0x3F)) {
                    return Some(at);
                }
                3
            }
            _ => {
                let c = text[at..].chars().next()?;
                if notable.holds(c.into()) {
                    return Some(at);
                }
                c.len_utf8()
            }
        };
    }
    None
}

/// How many ASCII bytes come first, at least one.
fn ascii_run(bytes: &[u8]) -> usize {
    const BLOCK: usize = 32;
    let blocks = bytes.chunks_exact(BLOCK).take_while(|block| block.is_ascii()).count() * BLOCK;
    blocks + bytes[blocks..].iter().take_while(|b| b.is_ascii()).count()
}

/// A text around the places that are looked at.
struct Around<'t> {
    text: &'t str,
    ended: bool,
}

impl Around<'_> {
    /// What a character reads as where it stands; `None` if as itself.
    fn reads(&self, glyph: Glyph, range: &Range<usize>) -> Result<Option<Ascii>, Undecided> {
        let Some(before) = self.before(range.start) else {
            // Digits of other forms need no neighbour (`６年`), letters one only, the rest two.
            return Ok(match glyph {
                Glyph::Form(read @ Ascii::One('0'..='9')) => Some(read),
                Glyph::Form(read) if self.after(range.end)?.is_some() => Some(read),
                _ => None,
            });
        };
        let next_to = |is: fn(&char) -> bool| Ok(self.after(range.end)?.is_some_and(|after| is(&before) || is(&after)));
        let by_word = || Ok(self.after(range.end)?.is_some() && self.is_by_word(range)?);
        let (reads, read) = match glyph {
            Glyph::Invisible => (next_to(char::is_ascii)?, Ascii::Several("")),
            Glyph::Mark => (before.is_ascii_alphanumeric(), Ascii::Several("")),
            Glyph::Form(read) => (true, read),
            Glyph::Sign('-') => (next_to(char::is_ascii_alphanumeric)?, Ascii::One('-')),
            Glyph::Sign(read) => (by_word()?, Ascii::One(read)),
            Glyph::Own | Glyph::Lookalike(_) => (false, Ascii::Several("")),
        };
        Ok(reads.then_some(read))
    }

    /// The ASCII character before, as which that one reads; `None` if it is none. An edge of the text is a line's edge.
    fn before(&self, at: usize) -> Option<char> {
        let mut chars = self.text[..at].chars().rev();
        chars.by_ref().take(MAX_PASSED).find_map(stands_for).or_else(|| chars.next().is_none().then_some(Some('\n')))?
    }

    /// The same after.
    fn after(&self, at: usize) -> Result<Option<char>, Undecided> {
        let mut chars = self.text[at..].chars();
        match chars.by_ref().take(MAX_PASSED).find_map(stands_for) {
            Some(found) => Ok(found),
            None if chars.next().is_some() => Ok(None),
            None if self.ended => Ok(Some('\n')),
            None => Err(Undecided),
        }
    }

    /// Whether nothing but signs stands between a sign and a letter or digit: those between sentences of another script have
    /// none beside them.
    fn is_by_word(&self, range: &Range<usize>) -> Result<bool, Undecided> {
        fn by_word(chars: impl Iterator<Item = char>) -> Option<bool> {
            let decides = |c| match stands_for(c) {
                Some(Some(read)) if read.is_ascii_alphanumeric() => Some(true),
                Some(None) => Some(false),
                Some(Some(read)) if read.is_control() => Some(false),
                _ => None,
            };
            chars.take(MAX_PASSED).find_map(decides)
        }
        if by_word(self.text[..range.start].chars().rev()) == Some(true) {
            return Ok(true);
        }
        let after = &self.text[range.end..];
        match by_word(after.chars()) {
            None if !self.ended && after.chars().nth(MAX_PASSED - 1).is_none() => Err(Undecided),
            found => Ok(found == Some(true)),
        }
    }

    /// The word around a look-alike.
    fn word(&self, range: &Range<usize>) -> Result<Word, Undecided> {
        let (mut latin, mut foreign) = (false, false);
        let mut note = |c: char| {
            latin |= c.is_ascii_alphabetic();
            foreign |= c.is_alphabetic() && !c.is_ascii() && !matches!(glyph(c), Glyph::Lookalike(_) | Glyph::Form(_));
        };
        let mut start = range.start;
        for c in self.text[..range.start].chars().rev().take_while(|c| c.is_alphanumeric()) {
            start -= c.len_utf8();
            if range.start - start > MAX_WORD {
                break;
            }
            note(c);
        }
        let mut end = range.end;
        while end - range.end < MAX_WORD {
            match self.text[end..].chars().next() {
                Some(c) if c.is_alphanumeric() => {
                    note(c);
                    end += c.len_utf8();
                }
                None if !self.ended => return Err(Undecided),
                _ => break,
            }
        }
        // The same word looks the same from all its letters, if it is seen whole from each.
        let until = if end - start <= MAX_WORD { end } else { range.end };
        Ok(Word { until, mixed: latin && !foreign })
    }
}

/// A word with a look-alike.
#[derive(Default)]
struct Word {
    /// Its end, or that of the look-alike if the word is too long to be seen whole.
    until: usize,
    /// It has Latin letters, and no others than those and look-alikes.
    mixed: bool,
}

/// What a character stands for in what is next to it: an ASCII character, or none; nothing if it is looked past.
fn stands_for(c: char) -> Option<Option<char>> {
    if c.is_ascii() {
        return Some(Some(c));
    }
    match glyph(c) {
        Glyph::Invisible | Glyph::Mark => None,
        Glyph::Form(Ascii::One(read)) | Glyph::Sign(read) | Glyph::Lookalike(read) => Some(Some(read)),
        Glyph::Form(Ascii::Several(read)) => Some(read.chars().next()),
        Glyph::Own => Some(None),
    }
}
