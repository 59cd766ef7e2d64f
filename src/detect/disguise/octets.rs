//! What encodings of bytes share: is it text, where does a run begin, what is in an archive.

use super::Undecided;
use flate2::{Decompress, FlushDecompress, Status};

/// What bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Octets<'b> {
    Text(&'b str),
    /// So many bytes of text, and a character that goes on behind them.
    Cut(usize),
    Binary,
}

/// Control characters that no text has make bytes binary; NUL is allowed, it parts names and passwords.
pub(super) fn octets(bytes: &[u8]) -> Octets<'_> {
    let control = |b: &u8| matches!(b, 1..=8 | 0x0B | 0x0C | 0x0E..=0x1F | 0x7F);
    if bytes.iter().any(control) {
        return Octets::Binary;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Octets::Text(text),
        Err(error) if error.error_len().is_none() => Octets::Cut(error.valid_up_to()),
        Err(_) => Octets::Binary,
    }
}

/// Whether an encoded text may begin with these bytes.
pub(super) fn begins_text(bytes: &[u8]) -> bool {
    let seen = bytes.iter().filter(|b| **b != 0).count();
    octets(bytes) != Octets::Binary && 2 * seen > bytes.len()
}

/// Where an encoded run may begin.
pub(super) enum Start {
    At(usize),
    /// The text ends in what may become one.
    Undecided(usize),
    Nowhere,
}

/// The first place at or after `from`, not within a word, where [`SHORTEST_RUN`] bytes of an alphabet begin that has all
/// letters and digits.
pub(super) fn next_run(bytes: &[u8], mut from: usize, ended: bool, in_alphabet: fn(u8) -> bool) -> Start {
    let in_word = from > 0 && bytes[from - 1].is_ascii_alphanumeric();
    if in_word {
        from += bytes[from..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    }
    let mut at = from;
    while let Some(window) = bytes.get(at..).and_then(|rest| rest.first_chunk::<WINDOW>()) {
        if !has_break(u64::from_le_bytes(*window)) && window.iter().all(|b| in_alphabet(*b)) {
            let before = bytes[from..at].iter().rev().take_while(|b| in_alphabet(**b)).count();
            let after = bytes[at..].iter().take(SHORTEST_RUN).take_while(|b| in_alphabet(**b)).count();
            if before + after >= SHORTEST_RUN {
                return Start::At(at - before);
            }
        }
        at += STRIDE;
    }
    let tail = bytes[from..].iter().rev().take_while(|b| in_alphabet(**b)).count();
    if tail == 0 || ended { Start::Nowhere } else { Start::Undecided(bytes.len() - tail) }
}

/// A run of `WINDOW + STRIDE - 1` bytes holds a whole window.
const WINDOW: usize = 8;
const STRIDE: usize = 4;

/// The shortest run that [`next_run`] finds.
pub(super) const SHORTEST_RUN: usize = WINDOW + STRIDE - 1;

/// Whether one of eight bytes is white space, a control character or not ASCII.
fn has_break(eight: u64) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // A borrow comes only from a byte that is one.
    (eight.wrapping_sub(EACH * 0x21) | eight) & (EACH * 0x80) != 0
}

/// Length of a line break within a run, with the indentation behind it; 0 if none is there or nothing of the run follows.
pub(super) fn line_break(
    bytes: &[u8],
    at: usize,
    ended: bool,
    in_alphabet: fn(u8) -> bool,
) -> Result<usize, Undecided> {
    const MAX_INDENT: usize = 16;
    let get = |at: usize| match bytes.get(at) {
        None if !ended => Err(Undecided),
        byte => Ok(byte.copied()),
    };
    let mut end = at;
    if get(end)? == Some(b'\r') {
        end += 1;
    }
    if get(end)? != Some(b'\n') {
        return Ok(0);
    }
    end += 1;
    let most = end + MAX_INDENT;
    while end < most && matches!(get(end)?, Some(b' ' | b'\t')) {
        end += 1;
    }
    Ok(if get(end)?.is_some_and(in_alphabet) { end - at } else { 0 })
}

/// A kind of compressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    Gzip,
    Zlib,
}

impl Archive {
    /// What begins with these bytes.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1F, 0x8B, 8, ..] => Some(Self::Gzip),
            // RFC 1950 § 2.2: method 8 with a window of 32 KiB, and a header that 31 divides.
            [0x78, flags, ..] if u16::from_be_bytes([0x78, *flags]).is_multiple_of(31) => Some(Self::Zlib),
            _ => None,
        }
    }

    pub fn layer(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
        }
    }

    /// The text that it begins with, up to `most` bytes; what is broken yields what could be read. With `cut`, `bytes` are
    /// only its beginning.
    pub fn inflate(self, bytes: &[u8], cut: bool, most: usize) -> Inflated {
        let (mut stream, from) = match self {
            Self::Gzip => (Decompress::new(false), gzip_header(bytes)),
            Self::Zlib => (Decompress::new(true), 0),
        };
        let (mut out, mut chunk, mut length) = (Vec::new(), vec![0; 4096], None);
        let all = loop {
            if out.len() > most {
                break false;
            }
            let (read, written) = (stream.total_in() as usize, stream.total_out());
            let input = bytes.get(from + read..).unwrap_or_default();
            let status = stream.decompress(input, &mut chunk, FlushDecompress::None);
            let written = (stream.total_out() - written) as usize;
            out.extend_from_slice(&chunk[..written]);
            match status {
                Ok(Status::Ok) if written > 0 || stream.total_in() as usize > read => {}
                Ok(Status::Ok | Status::BufError) => break !cut,
                Ok(Status::StreamEnd) => {
                    length = Some(from + stream.total_in() as usize + self.trailer());
                    break true;
                }
                Err(_) => break true,
            }
        };
        out.truncate(most);
        let valid = match std::str::from_utf8(&out) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        out.truncate(valid);
        let text = String::from_utf8(out).expect("cut where it is valid");
        match octets(text.as_bytes()) {
            Octets::Binary => Inflated { text: String::new(), all: true, length },
            _ => Inflated { text, all, length },
        }
    }

    /// Bytes behind the compressed data that the decompressor leaves: a checksum and the length (RFC 1952 § 2.3).
    fn trailer(self) -> usize {
        match self {
            Self::Gzip => 8,
            Self::Zlib => 0,
        }
    }
}

/// What is in an archive.
pub(super) struct Inflated {
    pub text: String,
    /// That is all of it.
    pub all: bool,
    /// Bytes of the archive, if it has ended.
    pub length: Option<usize>,
}

/// Length of a gzip header (RFC 1952 § 2.3.1).
fn gzip_header(bytes: &[u8]) -> usize {
    let flags = bytes.get(3).copied().unwrap_or(0);
    let mut length = 10;
    if flags & 4 != 0 {
        let extra = bytes.get(length..).and_then(|rest| rest.first_chunk()).map_or(0, |size| u16::from_le_bytes(*size));
        length += 2 + usize::from(extra);
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = bytes.get(length..).and_then(|rest| memchr::memchr(0, rest));
            length += end.map_or(0, |end| end + 1);
        }
    }
    if flags & 2 != 0 { length + 2 } else { length }
}
