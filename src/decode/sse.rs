//! Server-sent events (WHATWG HTML §9.2), framed so that every byte stays: an event keeps its raw bytes, whatever its line
//! endings, comments and unknown fields are, and knows where its data lies in them.
//!
//! The events do not depend on how the stream is cut (P2). A `\r` at the end of a piece may be half of `\r\n`, so an event
//! that ends so waits for the next byte.

use super::Reason;
use std::borrow::Cow;
use std::ops::Range;

/// One event, or a block of comments, or a superfluous blank line: everything up to and with the blank line.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    raw: Vec<u8>,
    fields: Fields,
    complete: bool,
}

/// Where the fields of an event lie in its raw bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Fields {
    name: Option<Range<usize>>,
    id: Option<Range<usize>>,
    /// The first `data` line, and the others, which few events have.
    data: Option<Range<usize>>,
    more_data: Vec<Range<usize>>,
}

impl Event {
    /// The bytes as they came, the blank line included.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The bytes as they came, the blank line included.
    pub fn into_raw(self) -> Vec<u8> {
        self.raw
    }

    /// The `event` field; the last one counts.
    pub fn name(&self) -> Option<&str> {
        std::str::from_utf8(&self.raw[self.fields.name.clone()?]).ok()
    }

    /// The `id` field.
    pub fn id(&self) -> Option<&str> {
        std::str::from_utf8(&self.raw[self.fields.id.clone()?]).ok()
    }

    /// The payload: the `data` lines joined by `\n`. `None` if the event has none.
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        let first = &self.raw[self.fields.data.clone()?];
        if self.fields.more_data.is_empty() {
            return Some(Cow::Borrowed(first));
        }
        let mut joined = first.to_vec();
        for line in &self.fields.more_data {
            joined.push(b'\n');
            joined.extend_from_slice(&self.raw[line.clone()]);
        }
        Some(Cow::Owned(joined))
    }

    /// Whether the blank line was there. What the stream ends with need not be an event; clients differ on it.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The raw bytes with another payload; comments, other fields and line endings stay. Its lines take the places of the
    /// present ones, as far as there are any: surplus present ones go, surplus new ones follow the last.
    pub fn with_data(&self, data: &[u8]) -> Vec<u8> {
        let Some(first) = &self.fields.data else { return self.raw.clone() };
        let places = std::iter::once(first).chain(&self.fields.more_data);
        let mut lines = lines(data).peekable();
        let mut out = Vec::with_capacity(self.raw.len() + data.len());
        let mut done = 0;
        let mut places = places.peekable();
        while let Some(place) = places.next() {
            match lines.next() {
                Some(line) => {
                    out.extend_from_slice(&self.raw[done..place.start]);
                    if !self.raw[line_start(&self.raw, place.start)..place.start].contains(&b':') && !line.is_empty() {
                        out.extend_from_slice(b": ");
                    } else if self.raw[..place.start].ends_with(b":") && line.starts_with(b" ") {
                        // Readers skip one space behind the colon.
                        out.push(b' ');
                    }
                    out.extend_from_slice(line);
                    done = place.end;
                }
                None => {
                    // The line goes with the ending before it. Its own ending stays: what follows may not become part
                    // of another one, as `\n` behind `\r` would.
                    let line = line_start(&self.raw, place.start);
                    let ending = if self.raw[..line].ends_with(b"\r\n") { 2 } else { 1 };
                    out.extend_from_slice(&self.raw[done..line - ending]);
                    done = place.end;
                }
            }
            if places.peek().is_none() {
                for line in lines.by_ref() {
                    out.extend_from_slice(b"\ndata: ");
                    out.extend_from_slice(line);
                }
            }
        }
        out.extend_from_slice(&self.raw[done..]);
        out
    }
}

impl std::fmt::Debug for Event {
    /// Shows sizes alone: the text may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("bytes", &self.raw.len())
            .field("complete", &self.complete)
            .finish_non_exhaustive()
    }
}

/// The lines of a payload, which would be cut by each of the line endings; at least one.
fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let bytes = rest?;
        let end = memchr::memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len());
        let ending = ending_at(bytes, end);
        rest = (ending > 0).then(|| &bytes[end + ending..]);
        Some(&bytes[..end])
    })
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr2(b'\n', b'\r', &bytes[..at]).map_or(0, |end| end + 1)
}

/// Length of the line ending at a place.
fn ending_at(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([b'\r' | b'\n', ..]) => 1,
        _ => 0,
    }
}

/// Cuts a stream of bytes into events.
#[derive(Debug)]
pub struct Framer {
    /// The event being read, from its first byte.
    buffer: Vec<u8>,
    limit: usize,
    /// Where the current line begins, and from where no line ending has been looked for.
    line: usize,
    unread: usize,
    fields: Fields,
    /// No line has been read: a byte order mark may come.
    first: bool,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Framer {
    /// A framer that refuses events of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit, line: 0, unread: 0, fields: Fields::default(), first: true }
    }

    /// Reads on; events that became complete are appended to `out`.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] if an event exceeds the limit. The events before it are in `out`; the framer is of no more use.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Reason> {
        self.buffer.extend_from_slice(bytes);
        self.read(out, false)
    }

    /// The stream has ended. Returns what follows the last event, if anything does.
    pub fn finish(&mut self) -> Option<Event> {
        let mut out = Vec::new();
        // What exceeds the limit was reported by `push`.
        let _ = self.read(&mut out, true);
        if let Some(event) = out.pop() {
            return Some(event);
        }
        if self.buffer.is_empty() {
            return None;
        }
        self.field(0, self.buffer.len());
        Some(Event { raw: std::mem::take(&mut self.buffer), fields: std::mem::take(&mut self.fields), complete: false })
    }

    fn read(&mut self, out: &mut Vec<Event>, at_end: bool) -> Result<(), Reason> {
        // Where the event being read begins; those before it have been handed out.
        let mut start = 0;
        let result = loop {
            let Some(at) = memchr::memchr2(b'\n', b'\r', &self.buffer[self.unread..]) else {
                self.unread = self.buffer.len();
                break Ok(());
            };
            let end = self.unread + at;
            if self.buffer[end..] == *b"\r" && !at_end {
                self.unread = end;
                break Ok(());
            }
            let next = end + ending_at(&self.buffer, end);
            let blank = self.field(start, end);
            self.line = next;
            self.unread = next;
            if blank {
                if next - start > self.limit {
                    break Err(Reason::TooLarge);
                }
                let fields = std::mem::take(&mut self.fields);
                out.push(Event { raw: self.buffer[start..next].to_vec(), fields, complete: true });
                start = next;
            }
        };
        self.buffer.drain(..start);
        self.line -= start;
        self.unread -= start;
        if self.buffer.len() > self.limit { Err(Reason::TooLarge) } else { result }
    }

    /// Reads the line that ends at `end` as a field of the event that begins at `event`. Says whether it is blank.
    fn field(&mut self, event: usize, end: usize) -> bool {
        let mut start = self.line;
        if std::mem::take(&mut self.first) && self.buffer[start..end].starts_with(BOM) {
            start += BOM.len();
        }
        let line = &self.buffer[start..end];
        let (name, value) = match memchr::memchr(b':', line) {
            None => (line, end),
            Some(colon) => {
                let space = usize::from(line.get(colon + 1) == Some(&b' '));
                (&line[..colon], start + colon + 1 + space)
            }
        };
        let value = value - event..end - event;
        match name {
            b"data" if self.fields.data.is_none() => self.fields.data = Some(value),
            b"data" => self.fields.more_data.push(value),
            b"event" => self.fields.name = Some(value),
            b"id" => self.fields.id = Some(value),
            _ => {}
        }
        line.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::samples::{fixture_lines, fixtures};
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    /// The events of a stream that arrives in pieces.
    fn frame<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Event> {
        let mut framer = Framer::new(LIMIT);
        let mut out = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut out).expect("events are small");
        }
        out.extend(framer.finish());
        out
    }

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("test streams are UTF-8")
    }

    const MIXED: &str = "\u{feff}data: a\n\n: ping\r\n\r\nevent: x\rdata:{\"é\":\ndata: 1}\r\nid: 7\n\r\n\n\
                         data\n\nretry: 3\revent:  y\rdata: z\r\rdata: last";

    #[test]
    fn fields_are_read_with_any_line_ending() {
        let events = frame([MIXED.as_bytes()]);
        let seen: Vec<_> = events
            .iter()
            .map(|e| (e.name(), e.data().map(|d| text(&d).to_owned()), e.id(), text(e.raw()), e.is_complete()))
            .collect();
        let data = |s: &str| Some(s.to_owned());
        assert_eq!(
            seen,
            [
                (None, data("a"), None, "\u{feff}data: a\n\n", true),
                (None, None, None, ": ping\r\n\r\n", true),
                (Some("x"), data("{\"é\":\n1}"), Some("7"), "event: x\rdata:{\"é\":\ndata: 1}\r\nid: 7\n\r\n", true),
                (None, None, None, "\n", true),
                (None, data(""), None, "data\n\n", true),
                (Some(" y"), data("z"), None, "retry: 3\revent:  y\rdata: z\r\r", true),
                (None, data("last"), None, "data: last", false),
            ]
        );
    }

    #[test]
    fn p2_events_do_not_depend_on_the_cuts() {
        let stream = MIXED.as_bytes();
        let whole = frame([stream]);
        for at in 0..=stream.len() {
            assert_eq!(frame([&stream[..at], &stream[at..]]), whole, "{at}");
        }
        for size in 1..stream.len() {
            assert_eq!(frame(stream.chunks(size)), whole, "{size}");
        }
        let endings = b"data: 1\r\n\r\n\r\r\n\n\rdata: 2\r\r";
        for size in 1..endings.len() {
            assert_eq!(frame(endings.chunks(size)), frame([&endings[..]]), "{size}");
        }
    }

    #[test]
    fn an_event_is_handed_out_with_its_blank_line() {
        let mut framer = Framer::new(LIMIT);
        let mut out = Vec::new();
        framer.push(b"data: 1\r\n\r", &mut out).expect("small");
        assert!(out.is_empty());
        framer.push(b"\n", &mut out).expect("small");
        assert_eq!(out.len(), 1);
        assert!(framer.finish().is_none());
    }

    #[test]
    fn payloads_are_replaced_in_their_lines() {
        let replaced = |event: &str, data: &str| {
            let mut events = frame([event.as_bytes()]);
            text(&events.remove(0).with_data(data.as_bytes())).to_owned()
        };
        assert_eq!(replaced("event: x\r\ndata:{1}\r\n: c\r\n\r\n", "{23}"), "event: x\r\ndata:{23}\r\n: c\r\n\r\n");
        assert_eq!(replaced("data: a\nid: 1\ndata: b\n\n", "x\ny"), "data: x\nid: 1\ndata: y\n\n");
        assert_eq!(replaced("data: a\nid: 1\ndata: b\ndata: c\n\n", "x"), "data: x\nid: 1\n\n");
        assert_eq!(replaced("data: a\nid: 1\n\n", "x\r\ny\rz"), "data: x\ndata: y\ndata: z\nid: 1\n\n");
        assert_eq!(replaced("data\n\n", "x"), "data: x\n\n");
        assert_eq!(replaced("data:a\n\n", " x"), "data:  x\n\n");
        assert_eq!(replaced(": only a comment\n\n", "x"), ": only a comment\n\n");
        assert_eq!(replaced("\u{feff}data: a", ""), "\u{feff}data: ");
    }

    #[test]
    fn p7_events_above_the_limit_are_refused_however_they_are_cut() {
        let stream = b"data: 1\n\ndata: 23456\n\n";
        for size in 1..=stream.len() {
            let mut framer = Framer::new(12);
            let mut out = Vec::new();
            let result = stream.chunks(size).try_for_each(|piece| framer.push(piece, &mut out));
            assert_eq!(result, Err(Reason::TooLarge), "{size}");
            assert_eq!(out.len(), 1, "{size}");
        }
    }

    #[test]
    fn p1_recorded_streams_stay_as_they_are() {
        let Some(folder) = fixtures("cassettes") else { return };
        let mut streams = 0;
        for line in fixture_lines(&folder) {
            let line: serde_json::Value = serde_json::from_str(&line).expect("fixture lines are JSON");
            let is_stream = line["resp_ct"].as_str().is_some_and(|ct| ct.contains("event-stream"));
            let Some(body) = line["resp"].as_str().filter(|_| is_stream) else { continue };
            let whole = frame([body.as_bytes()]);
            assert_eq!(whole.iter().map(Event::raw).collect::<Vec<_>>().concat(), body.as_bytes());
            assert_eq!(frame(body.as_bytes().chunks(7)), whole);
            for event in &whole {
                if let Some(data) = event.data() {
                    assert_eq!(event.with_data(&data), event.raw());
                }
            }
            streams += 1;
        }
        assert!(streams > 100, "{streams}");
    }

    proptest! {
        #[test]
        fn p2_no_cutting_changes_anything(
            stream in proptest::collection::vec(prop_oneof![
                Just("data"), Just(":"), Just(" "), Just("\n"), Just("\r"), Just("\n\n"), Just("event"), Just("é"), Just("\u{feff}"),
            ], 0..30),
            cuts in proptest::collection::vec(0usize..5, 0..30),
        ) {
            let stream = stream.concat().into_bytes();
            let mut rest = &stream[..];
            let mut pieces = Vec::new();
            for len in cuts {
                let (piece, more) = rest.split_at(len.min(rest.len()));
                pieces.push(piece);
                rest = more;
            }
            pieces.push(rest);
            let whole = frame([&stream[..]]);
            prop_assert_eq!(&frame(pieces), &whole);
            prop_assert_eq!(whole.iter().map(Event::raw).collect::<Vec<_>>().concat(), stream);
            for (i, event) in whole.iter().enumerate() {
                let Some(data) = event.data() else { continue };
                prop_assert_eq!(event.with_data(&data), event.raw());
                // The stream with this payload changed has the same events otherwise.
                let raw = whole.iter().enumerate().map(|(j, e)| if i == j { e.with_data(b"a\nb") } else { e.raw().to_vec() });
                let reread = frame([&raw.collect::<Vec<_>>().concat()[..]]);
                prop_assert_eq!(reread.len(), whole.len());
                let data = reread[i].data();
                prop_assert_eq!(data.as_deref(), Some(&b"a\nb"[..]));
                prop_assert_eq!(reread[i].name(), event.name());
            }
        }
    }
}
