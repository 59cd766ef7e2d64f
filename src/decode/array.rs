//! Events that are the elements of a JSON array which is written bit by bit: `[{…},\r\n{…}]`.
//!
//! An element is an event as soon as its last byte is there, with what stands before it: the bracket that opens the array, or
//! the comma. The bracket that closes it is the last event. A body that is no array (an error) is one event, at its end.

use super::Reason;
use super::framing;
use super::pieces::{Event, piece};

/// Cuts a stream into the elements of the array it is.
#[derive(Debug)]
pub struct Elements {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were read.
    read: usize,
    state: State,
    limit: usize,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Before anything but white space.
    Start,
    /// In the array, not in an element.
    Between,
    /// In an element that begins at `start` of the buffer.
    Inside { start: usize, depth: usize, string: bool, escaped: bool },
    /// In an element that is neither object, array nor string.
    Bare { start: usize },
    /// After the array, or in a body that is none.
    Rest,
}

impl Elements {
    /// A framer that refuses elements of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), read: 0, state: State::Start, limit }
    }

    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<framing::Event>) -> Result<(), Reason> {
        self.buffer.extend_from_slice(bytes);
        let mut begin = 0;
        while let Some(&byte) = self.buffer.get(self.read) {
            let at = self.read;
            self.read += 1;
            let data = match self.state {
                State::Start => {
                    match byte {
                        b'[' => self.state = State::Between,
                        // white space, or a byte order mark
                        b' ' | b'\t' | b'\r' | b'\n' | 0xef | 0xbb | 0xbf => {}
                        _ => self.state = State::Rest,
                    }
                    continue;
                }
                State::Between => match byte {
                    b' ' | b'\t' | b'\r' | b'\n' | b',' => continue,
                    b']' => {
                        self.state = State::Rest;
                        at..self.read
                    }
                    b'{' | b'[' | b'"' => {
                        let string = byte == b'"';
                        self.state = State::Inside { start: at, depth: usize::from(!string), string, escaped: false };
                        continue;
                    }
                    _ => {
                        self.state = State::Bare { start: at };
                        continue;
                    }
                },
                State::Inside { start, depth, string, escaped } => {
                    let (depth, string, escaped) = inside(byte, depth, string, escaped);
                    if depth > 0 || string {
                        self.state = State::Inside { start, depth, string, escaped };
                        continue;
                    }
                    self.state = State::Between;
                    start..self.read
                }
                State::Bare { start } => {
                    if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'{' | b'[' | b'"') {
                        continue;
                    }
                    // what ended it is read again
                    self.read = at;
                    self.state = State::Between;
                    start..at
                }
                State::Rest => {
                    self.read = self.buffer.len();
                    break;
                }
            };
            let end = data.end;
            if end - begin > self.limit {
                return Err(Reason::TooLarge);
            }
            let raw = self.buffer[begin..end].to_vec();
            out.push(framing::Event::Piece(Event::new(raw, data.start - begin..end - begin)));
            begin = end;
        }
        self.drop_before(begin);
        if self.buffer.len() > self.limit { Err(Reason::TooLarge) } else { Ok(()) }
    }

    /// What follows the array, or a body that is none. Half an element is no event: it goes nowhere.
    pub(super) fn finish(&mut self) -> Option<framing::Event> {
        let rest = std::mem::take(&mut self.buffer);
        let whole = matches!(self.state, State::Start | State::Rest) && !rest.is_empty();
        whole.then(|| piece(rest))
    }

    fn drop_before(&mut self, begin: usize) {
        self.buffer.drain(..begin);
        self.read -= begin;
        if let State::Inside { start, .. } | State::Bare { start } = &mut self.state {
            *start -= begin;
        }
    }
}

/// Depth, whether a string is open, and whether the next byte is escaped in it, after `byte` of an element.
fn inside(byte: u8, depth: usize, string: bool, escaped: bool) -> (usize, bool, bool) {
    match (string, byte) {
        (true, _) if escaped => (depth, true, false),
        (true, b'\\') => (depth, true, true),
        (true, b'"') => (depth, false, false),
        (true, _) => (depth, true, false),
        (false, b'"') => (depth, true, false),
        (false, b'{' | b'[') => (depth + 1, false, false),
        (false, b'}' | b']') => (depth - 1, false, false),
        (false, _) => (depth, false, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::framing::{Framer, Framing};

    fn events(pieces: &[&[u8]]) -> Vec<framing::Event> {
        let mut framer = Framer::new(Framing::Array, 256);
        let mut out = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut out).unwrap();
        }
        out.extend(framer.finish());
        out
    }

    fn data(events: &[framing::Event]) -> Vec<Option<String>> {
        events.iter().map(|e| e.data().map(|d| String::from_utf8(d.into_owned()).unwrap())).collect()
    }

    const STREAMS: &[(&[u8], &[Option<&str>])] = &[
        (
            b"[{\n  \"a\": [1, {\"b\": \"]},{\\\"\"}]\n}\n,\r\n{\"c\":\"\\\\\"}\n]\n",
            &[Some("{\n  \"a\": [1, {\"b\": \"]},{\\\"\"}]\n}"), Some("{\"c\":\"\\\\\"}"), Some("]"), None],
        ),
        (b"\xef\xbb\xbf [ ]", &[Some("]")]),
        (b"[1,\"a]\",[[]] , true ]", &[Some("1"), Some("\"a]\""), Some("[[]]"), Some("true"), Some("]")]),
        (b" {\"error\":{\"code\":400}}\n", &[Some("{\"error\":{\"code\":400}}")]),
        (b"upstream [down]", &[Some("upstream [down]")]),
        (b"[{\"a\":1}] trailing", &[Some("{\"a\":1}"), Some("]"), Some("trailing")]),
    ];

    #[test]
    fn p2_elements_do_not_depend_on_the_cuts() {
        for (stream, expected) in STREAMS {
            let whole = events(&[stream]);
            let expected: Vec<Option<String>> = expected.iter().map(|d| d.map(str::to_owned)).collect();
            assert_eq!(data(&whole), expected);
            assert_eq!(whole.iter().flat_map(|e| e.raw().to_vec()).collect::<Vec<u8>>(), *stream);
            for size in 1..stream.len() {
                let cut: Vec<&[u8]> = stream.chunks(size).collect();
                assert_eq!(events(&cut), whole, "pieces of {size}");
            }
            for at in 0..stream.len() {
                assert_eq!(events(&[&stream[..at], &stream[at..]]), whole, "cut at {at}");
            }
        }
    }

    #[test]
    fn an_element_is_there_with_its_last_byte() {
        let mut framer = Framer::new(Framing::Array, 64);
        let mut out = Vec::new();
        framer.push(b"[{\"a\":1}", &mut out).unwrap();
        assert_eq!(data(&out), [Some("{\"a\":1}".to_owned())]);
        assert_eq!(out[0].with_data(b"{}"), b"[{}");
        framer.push(b"]", &mut out).unwrap();
        assert_eq!(data(&out)[1], Some("]".to_owned()));
    }

    #[test]
    fn half_an_element_is_no_event() {
        for stream in [&b"[{\"a\":1},{\"b\":"[..], b"[{\"a\":1}, ", b"[{\"a\":1},tr"] {
            let found = events(&[stream]);
            assert_eq!(data(&found), [Some("{\"a\":1}".to_owned())]);
        }
    }

    #[test]
    fn p7_long_elements_are_refused() {
        for stream in [&b"[\"xxxxxxxx"[..], b"[         ", b"{\"aaaaaaa\"", b"[{},         "] {
            let mut framer = Framer::new(Framing::Array, 8);
            assert_eq!(framer.push(stream, &mut Vec::new()), Err(Reason::TooLarge));
        }
    }
}
