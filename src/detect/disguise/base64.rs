//! Base64 and base64url (RFC 4648), with or without padding, also broken over lines; and compressed text in it.
//!
//! A run is opened if its first bytes are text and let go at the first byte that is none, so images and random tokens cost
//! a few bytes. Every three bytes stand for their four characters, so what a replacement leaves holds nothing of the value.

use super::lane::Page;
use super::octets::{Archive, Octets, SHORTEST_RUN, Start, begins_text, line_break, next_run, octets};
use super::{Marks, Reader, Undecided};

/// Characters of a compressed run that are read at most; it is held back until its end is known or so many have come.
const MAX_ARCHIVE: usize = 256 << 10;

/// Text that is read from a compressed run at most, in bytes.
const MAX_INFLATED: usize = 256 << 10;

/// Where a text holds the first.
pub(super) fn sign(text: &str, marks: &Marks) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |at: &usize| head(&bytes[*at..]).is_some();
    marks.tokens(SHORTEST_RUN as u32).find(begins)
}

/// See the module.
#[derive(Default)]
pub(super) struct Base64 {
    state: State,
}

/// What is read from where the reader stopped.
#[derive(Default, Clone, Copy)]
enum State {
    /// No run.
    #[default]
    Outside,
    /// A run of text, between two quanta; the bytes of a character that is not complete, and how many they are.
    Text([u8; 4], usize),
    /// A compressed run; so many bytes of it are known to belong to it.
    Archive(Archive, usize),
}

impl Reader for Base64 {
    fn read(&mut self, text: &str, mut at: usize, ended: bool, page: &mut Page<'_, '_>) -> usize {
        let run = Run { bytes: text.as_bytes(), ended };
        loop {
            match self.state {
                State::Outside => match next_run(run.bytes, at, ended, in_alphabet) {
                    Start::Nowhere => return text.len(),
                    Start::Undecided(start) => return start,
                    Start::At(start) => match head(&run.bytes[start..]) {
                        Some(state) => (self.state, at) = (state, start),
                        None => at = start + 1,
                    },
                },
                State::Text(carried, count) => match run.character(at, &carried[..count]) {
                    Err(Undecided) => return at,
                    Ok(Some((Quantum { bytes, length, end }, whole))) => {
                        let text =
                            std::str::from_utf8(&bytes[..whole]).expect("a quantum is text as far as it is whole");
                        page.says("base64", at..end, text);
                        let mut carried = [0; 4];
                        carried[..length - whole].copy_from_slice(&bytes[whole..length]);
                        (self.state, at) = (State::Text(carried, length - whole), end);
                    }
                    Ok(None) => self.state = State::Outside,
                },
                State::Archive(archive, known) => {
                    let end = match run.end(at + known) {
                        Ok(end) => end,
                        Err(known) if known - at < MAX_ARCHIVE => {
                            self.state = State::Archive(archive, known - at);
                            return at;
                        }
                        Err(known) => known,
                    };
                    self.state = State::Outside;
                    let read = end.min(at + MAX_ARCHIVE);
                    let inflated = archive.inflate(&run.decode(at, read), read < end, MAX_INFLATED);
                    let end = match inflated.length {
                        Some(bytes) => run.end_of(at, (bytes * 4).div_ceil(3)).min(end),
                        None => end,
                    };
                    if !inflated.text.is_empty() {
                        page.says(archive.layer(), at..end, &inflated.text);
                    }
                    if !inflated.all {
                        page.leave();
                    }
                    at = end;
                }
            }
        }
    }
}

/// What a run is that begins like this; `None` also of what is no run of [`SHORTEST_RUN`] characters.
fn head(bytes: &[u8]) -> Option<State> {
    let [run @ .., last] = bytes.first_chunk::<SHORTEST_RUN>()?;
    let packed = run.iter().try_fold(0u64, |packed, b| Some(packed << 6 | u64::from(sextet(*b)?)))?;
    // Eleven characters are eight bytes and two bits.
    let bytes = (packed << 4 | u64::from(sextet(*last)? >> 2)).to_be_bytes();
    if begins_text(&bytes) {
        return Some(State::Text([0; 4], 0));
    }
    Archive::of(&bytes).map(|archive| State::Archive(archive, 0))
}

fn in_alphabet(byte: u8) -> bool {
    sextet(byte).is_some()
}

fn sextet(byte: u8) -> Option<u8> {
    Some(SEXTETS[usize::from(byte)]).filter(|sextet| *sextet < 64)
}

/// What each byte stands for; 64 for none.
const SEXTETS: [u8; 256] = {
    let mut sextets = [64; 256];
    let mut byte = 0;
    while byte < 256 {
        sextets[byte] = match byte as u8 {
            letter @ b'A'..=b'Z' => letter - b'A',
            letter @ b'a'..=b'z' => letter - b'a' + 26,
            digit @ b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 64,
        };
        byte += 1;
    }
    sextets
};

/// Whether so many characters of a quantum are all of an end without padding: no bit of them is left over.
fn is_whole(packed: u32, count: usize) -> bool {
    count > 1 && packed.trailing_zeros() as usize >= 6 * count % 8
}

/// A text in which runs stand.
#[derive(Clone, Copy)]
struct Run<'t> {
    bytes: &'t [u8],
    ended: bool,
}

/// Four characters, or what is left of them at the end.
struct Quantum {
    /// What was carried to them and what they say.
    bytes: [u8; 7],
    length: usize,
    end: usize,
}

impl Quantum {
    /// How many of its bytes are whole characters.
    fn whole(&self) -> usize {
        match octets(&self.bytes[..self.length]) {
            Octets::Cut(whole) => whole,
            _ => self.length,
        }
    }
}

impl Run<'_> {
    /// As [`Run::quantum`], and how many of its bytes are whole characters. Where that is none, the next quantum counts to it,
    /// so that what carries a character begins where that does.
    fn character(self, start: usize, carried: &[u8]) -> Result<Option<(Quantum, usize)>, Undecided> {
        let Some(first) = self.quantum(start, carried)? else { return Ok(None) };
        let quantum = match first.whole() {
            0 => self.quantum(first.end, &first.bytes[..first.length])?.unwrap_or(first),
            _ => first,
        };
        let whole = quantum.whole();
        Ok(Some((quantum, whole)))
    }

    /// The quantum at `start`, `None` if there is none or it says no text. A line break before it or in it is part of the
    /// run if what follows it is; where the run can be at its end, that is no single word.
    fn quantum(self, start: usize, carried: &[u8]) -> Result<Option<Quantum>, Undecided> {
        match self.quantum_in(start, carried, true)? {
            None => self.quantum_in(start, carried, false),
            found => Ok(found),
        }
    }

    fn quantum_in(self, start: usize, carried: &[u8], across_lines: bool) -> Result<Option<Quantum>, Undecided> {
        let (mut packed, mut count, mut end) = (0u32, 0, start);
        while count < 4 {
            if across_lines {
                let length = line_break(self.bytes, end, self.ended, in_alphabet)?;
                if length > 0 && is_whole(packed, count) && !self.has_line(end + length)? {
                    break;
                }
                end += length;
            }
            let Some(sextet) = self.bytes.get(end).copied().and_then(sextet) else { break };
            packed = packed << 6 | u32::from(sextet);
            count += 1;
            end += 1;
        }
        if count < 2 {
            return Ok(None);
        }
        let said = (packed << (6 * (4 - count))).to_be_bytes();
        let (mut bytes, length) = ([0; 7], carried.len() + count - 1);
        bytes[..carried.len()].copy_from_slice(carried);
        bytes[carried.len()..length].copy_from_slice(&said[1..count]);
        for _ in count..4 {
            match self.bytes.get(end) {
                Some(b'=') => end += 1,
                None if !self.ended => return Err(Undecided),
                _ => break,
            }
        }
        Ok((octets(&bytes[..length]) != Octets::Binary).then_some(Quantum { bytes, length, end }))
    }

    /// Whether what begins at `at` looks like a further line.
    fn has_line(self, at: usize) -> Result<bool, Undecided> {
        const LEAST: usize = 16;
        let length = self.bytes[at..].iter().take(LEAST).take_while(|b| in_alphabet(**b)).count();
        if length < LEAST && at + length == self.bytes.len() && !self.ended {
            return Err(Undecided);
        }
        Ok(length == LEAST)
    }

    /// Where the first `count` characters of the run at `start` end, with padding.
    fn end_of(self, start: usize, count: usize) -> usize {
        let mut characters = (start..self.bytes.len()).filter(|at| in_alphabet(self.bytes[*at]));
        let end = characters.nth(count - 1).map_or(self.bytes.len(), |last| last + 1);
        end + self.bytes[end..].iter().take(2).take_while(|b| **b == b'=').count()
    }

    /// The end of a run with its padding; where the text ended if that is in it.
    fn end(self, from: usize) -> Result<usize, usize> {
        let mut at = from;
        loop {
            at += self.bytes[at..].iter().take_while(|b| in_alphabet(**b)).count();
            match line_break(self.bytes, at, self.ended, in_alphabet) {
                Ok(0) => break,
                Ok(length) => at += length,
                Err(Undecided) => return Err(at),
            }
        }
        let padding = self.bytes[at..].iter().take(2).take_while(|b| **b == b'=').count();
        let cut = padding < 2 && at + padding == self.bytes.len() && !self.ended;
        if cut { Err(at) } else { Ok(at + padding) }
    }

    fn decode(self, start: usize, end: usize) -> Vec<u8> {
        let sextets: Vec<u8> = self.bytes[start..end].iter().filter_map(|b| sextet(*b)).collect();
        let quanta = sextets.chunks(4).flat_map(|quantum| {
            let packed = quantum.iter().fold(0u32, |packed, sextet| packed << 6 | u32::from(*sextet));
            let bytes = (packed << (6 * (4 - quantum.len()))).to_be_bytes();
            bytes.into_iter().skip(1).take(quantum.len() - 1)
        });
        quanta.collect()
    }
}
