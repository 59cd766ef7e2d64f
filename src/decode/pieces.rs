//! Events that are a piece of the stream with something around it: lines of JSON, messages of a socket.

use super::Reason;
use super::framing;
use std::ops::Range;

/// A piece of the stream and where its payload lies in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    raw: Vec<u8>,
    data: Range<usize>,
}

impl Event {
    /// A piece whose payload is what `data` says; all of it is kept.
    pub fn new(raw: Vec<u8>, data: Range<usize>) -> Self {
        Self { raw, data }
    }

    /// The bytes as they came, with what separates them from the next piece.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The payload; `None` if there is nothing but white space.
    pub fn data(&self) -> Option<&[u8]> {
        (!self.data.is_empty()).then(|| &self.raw[self.data.clone()])
    }

    /// The bytes with another payload; what stands around it stays.
    pub fn with_data(&self, data: &[u8]) -> Vec<u8> {
        [&self.raw[..self.data.start], data, &self.raw[self.data.end..]].concat()
    }
}

impl std::fmt::Debug for Event {
    /// Shows sizes alone: the text may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event").field("bytes", &self.raw.len()).field("data", &self.data).finish()
    }
}

/// The range of `raw` without white space at both ends.
fn trimmed(raw: &[u8]) -> Range<usize> {
    let start = raw.len() - raw.trim_ascii_start().len();
    start..start + raw[start..].trim_ascii_end().len()
}

/// Cuts a stream at the ends of lines (`\n`; a `\r` before it belongs to the line's ending).
#[derive(Debug)]
pub struct Lines {
    buffer: Vec<u8>,
    limit: usize,
}

impl Lines {
    /// A framer that refuses lines of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<framing::Event>) -> Result<(), Reason> {
        let mut unread = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(at) = memchr::memchr(b'\n', &self.buffer[unread..]) {
            let end = unread + at + 1;
            if end - start > self.limit {
                return Err(Reason::TooLarge);
            }
            out.push(piece(self.buffer[start..end].to_vec()));
            (start, unread) = (end, end);
        }
        self.buffer.drain(..start);
        if self.buffer.len() > self.limit { Err(Reason::TooLarge) } else { Ok(()) }
    }

    /// The last line, if it has no ending.
    pub(super) fn finish(&mut self) -> Option<framing::Event> {
        (!self.buffer.is_empty()).then(|| piece(std::mem::take(&mut self.buffer)))
    }
}

/// A piece whose payload is all but the white space around it.
pub(super) fn piece(raw: Vec<u8>) -> framing::Event {
    let data = trimmed(&raw);
    framing::Event::Piece(Event::new(raw, data))
}

/// Takes each piece for one event.
#[derive(Debug)]
pub struct Messages {
    limit: usize,
}

impl Messages {
    /// A framer that refuses messages of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<framing::Event>) -> Result<(), Reason> {
        if bytes.len() > self.limit {
            return Err(Reason::TooLarge);
        }
        out.push(piece(bytes.to_vec()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::framing::{Framer, Framing};

    fn events(framing: Framing, pieces: &[&[u8]]) -> Vec<framing::Event> {
        let mut framer = Framer::new(framing, 64);
        let mut out = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut out).unwrap();
        }
        out.extend(framer.finish());
        out
    }

    #[test]
    fn p2_lines_do_not_depend_on_the_cuts() {
        let stream = b"{\"a\":1}\r\n\n {\"b\":2}\n{\"c\":3}";
        let whole = events(Framing::Lines, &[stream]);
        let data: Vec<Option<String>> =
            whole.iter().map(|e| e.data().map(|d| String::from_utf8(d.into_owned()).unwrap())).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(data, [some("{\"a\":1}"), None, some("{\"b\":2}"), some("{\"c\":3}")]);
        assert_eq!(whole.iter().flat_map(|e| e.raw().to_vec()).collect::<Vec<u8>>(), stream);
        for size in 1..stream.len() {
            let cut: Vec<&[u8]> = stream.chunks(size).collect();
            assert_eq!(events(Framing::Lines, &cut), whole, "pieces of {size}");
        }
    }

    #[test]
    fn another_payload_keeps_what_stands_around_it() {
        let event = &events(Framing::Lines, &[b" {\"a\":1}\r\n"])[0];
        assert_eq!(event.with_data(b"{}"), b" {}\r\n");
    }

    #[test]
    fn p7_long_lines_are_refused() {
        let mut framer = Framer::new(Framing::Lines, 64);
        assert_eq!(framer.push(&[b'x'; 65], &mut Vec::new()), Err(Reason::TooLarge));
        let mut framer = Framer::new(Framing::Messages, 64);
        assert_eq!(framer.push(&[b'x'; 65], &mut Vec::new()), Err(Reason::TooLarge));
    }
}
