//! Bytes in hexadecimal: `34313131…`, `0x34313131…`, `34 31 31 31 …`; also broken over lines.

use super::lane::Page;
use super::octets::{Octets, begins_text, line_break, octets};
use super::{Marks, Reader, Undecided};

/// So many bytes of text make a run.
const LEAST: usize = 8;

/// Longest beginning by which a run is known: `0x` and spaced pairs.
const LONGEST_HEAD: usize = 2 + 3 * LEAST;

/// Where a text holds the first.
pub(super) fn sign(text: &str, marks: &Marks) -> Option<usize> {
    let begins = |at: &usize| matches!(head(text.as_bytes(), *at, true), Ok(Some(_)));
    let words = marks.words(2 * LEAST as u32).find(begins);
    // What stands behind the last pair does not matter, and `0x` may stand before the first.
    let starts = |at: usize| [at.checked_sub(2), Some(at)].into_iter().flatten();
    let pairs = marks.pairs(LEAST as u32 - 1).flat_map(starts).find(begins);
    words.into_iter().chain(pairs).min()
}

/// See the module.
#[derive(Default)]
pub(super) struct Hex {
    state: State,
}

/// What is read from where the reader stopped.
#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Outside,
    /// The first character of a run.
    Beginning(Style),
    /// A further one.
    Inside(Style),
}

/// What stands between two bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Nothing,
    Space,
}

impl Reader for Hex {
    fn read(&mut self, text: &str, mut at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize {
        let bytes = text.as_bytes();
        loop {
            let (style, first) = match self.state {
                State::Beginning(style) => (style, true),
                State::Inside(style) => (style, false),
                State::Outside => match next(bytes, at) {
                    Some((start, style)) => {
                        (self.state, at) = (State::Beginning(style), start);
                        continue;
                    }
                    None if ended => return text.len(),
                    None => return undecided(bytes, at),
                },
            };
            match character(Run { bytes, style, ended }, at, first) {
                Err(Undecided) => return at,
                Ok(Some((end, utf8, length))) if let Octets::Text(text) = octets(&utf8[..length]) => {
                    page.says("hex", at..end, text);
                    (self.state, at) = (State::Inside(style), end);
                }
                Ok(_) => self.state = State::Outside,
            }
        }
    }
}

/// The first run that begins at or after `from`.
fn next(bytes: &[u8], from: usize) -> Option<(usize, Style)> {
    let mut at = from;
    while let Some(window) = bytes.get(at..at + 2 * LEAST) {
        // A byte that stands in no run rules out all that would hold it.
        match window.iter().rposition(|b| !IN_RUN[usize::from(*b)]) {
            Some(outside) => at += outside + 1,
            None => match head(bytes, at, true) {
                Ok(Some(style)) => return Some((at, style)),
                _ => at += 1,
            },
        }
    }
    None
}

/// Bytes that stand in runs.
const IN_RUN: [bool; 256] = {
    let mut set = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        set[byte] = (byte as u8).is_ascii_hexdigit() || matches!(byte as u8, b'x' | b'X' | b' ');
        byte += 1;
    }
    set
};

/// Where the text ends in what may become a run, or its end.
fn undecided(bytes: &[u8], from: usize) -> usize {
    let starts = bytes.len().saturating_sub(LONGEST_HEAD).max(from)..bytes.len();
    starts.clone().find(|start| head(bytes, *start, false).is_err()).unwrap_or(bytes.len())
}

/// What stands between the bytes of a run that begins at `start`, if one does.
fn head(bytes: &[u8], start: usize, ended: bool) -> Result<Option<Style>, Undecided> {
    let goes_on = start > 0 && bytes[start - 1].is_ascii_alphanumeric();
    if goes_on || !bytes[start].is_ascii_hexdigit() {
        return Ok(None);
    }
    let first = start + prefix(bytes, start, ended)?;
    let style = match bytes.get(first + 2) {
        Some(b' ') => Style::Space,
        _ => Style::Nothing,
    };
    let run = Run { bytes, style, ended };
    let mut text = [0; LEAST];
    let mut at = first;
    for (index, byte) in text.iter_mut().enumerate() {
        if index > 0 && style == Style::Space {
            match run.get(at)? {
                Some(b' ') => at += 1,
                _ => return Ok(None),
            }
        }
        let Some(value) = run.byte(at)? else { return Ok(None) };
        *byte = value;
        at += 2;
    }
    Ok(begins_text(&text).then_some(style))
}

/// Length of `0x`, if it is there.
fn prefix(bytes: &[u8], at: usize, ended: bool) -> Result<usize, Undecided> {
    match bytes.get(at..) {
        Some([b'0', b'x' | b'X', ..]) => Ok(2),
        Some([b'0']) if !ended => Err(Undecided),
        _ => Ok(0),
    }
}

/// A text in which a run stands.
#[derive(Clone, Copy)]
struct Run<'t> {
    bytes: &'t [u8],
    style: Style,
    ended: bool,
}

impl Run<'_> {
    fn get(self, at: usize) -> Result<Option<u8>, Undecided> {
        match self.bytes.get(at) {
            None if !self.ended => Err(Undecided),
            byte => Ok(byte.copied()),
        }
    }

    fn byte(self, at: usize) -> Result<Option<u8>, Undecided> {
        let digit = |at| Ok(self.get(at)?.and_then(|b| char::from(b).to_digit(16)));
        let Some(high) = digit(at)? else { return Ok(None) };
        Ok(digit(at + 1)?.map(|low| (high << 4 | low) as u8))
    }
}

/// The end of a character, its bytes and how many they are.
type Character = Result<Option<(usize, [u8; 4], usize)>, Undecided>;

/// The character at `at`, `None` if there is none or it is no text.
fn character(run: Run<'_>, mut at: usize, first: bool) -> Character {
    let mut utf8 = [0; 4];
    for length in 0..4 {
        if first && length == 0 {
            at += prefix(run.bytes, at, run.ended)?;
        } else {
            let broken = line_break(run.bytes, at, run.ended, |b| b.is_ascii_hexdigit())?;
            at += broken;
            if broken == 0 && run.style == Style::Space {
                match run.get(at)? {
                    Some(b' ') => at += 1,
                    _ => return Ok(None),
                }
            }
        }
        let Some(byte) = run.byte(at)? else { return Ok(None) };
        utf8[length] = byte;
        at += 2;
        match octets(&utf8[..=length]) {
            Octets::Text(_) => return Ok(Some((at, utf8, length + 1))),
            Octets::Cut(_) => {}
            Octets::Binary => break,
        }
    }
    Ok(None)
}
