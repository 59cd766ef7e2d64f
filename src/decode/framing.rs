//! How a streamed answer is cut into events: by lines of server-sent events, by lines of JSON, by elements of a JSON array, by
//! binary frames, by messages of a socket.
//!
//! Whatever carries them, events keep the bytes they came in (P1) and do not depend on how the stream is cut (P2).

use super::{Reason, array, event_stream, pieces, sse};
use std::borrow::Cow;

/// What carries the events of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Server-sent events: `text/event-stream`.
    Sse,
    /// One JSON value a line: `application/x-ndjson`.
    Lines,
    /// One JSON array, each element an event: `application/json`, where the request asks for a stream.
    Array,
    /// Frames of AWS: `application/vnd.amazon.eventstream`.
    EventStream,
    /// Messages that are delimited already: each piece is one event.
    Messages,
}

impl Framing {
    /// The framing a media type stands for.
    pub fn of(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/event-stream" => Some(Self::Sse),
            "application/x-ndjson" | "application/ndjson" | "application/stream+json" => Some(Self::Lines),
            "application/vnd.amazon.eventstream" => Some(Self::EventStream),
            _ => None,
        }
    }

    /// The media type of a stream of the gateway's own.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Sse => "text/event-stream",
            Self::Lines => "application/x-ndjson",
            Self::EventStream => "application/vnd.amazon.eventstream",
            Self::Array | Self::Messages => "application/json",
        }
    }
}

/// Data that is not JSON and ends a stream: OpenAI's last event, the bracket that closes an array.
pub fn is_terminator(data: &[u8]) -> bool {
    matches!(data, b"[DONE]" | b"]")
}

/// One event of a stream, with the bytes it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Sse(sse::Event),
    Piece(pieces::Event),
    Frame(event_stream::Event),
}

impl Event {
    /// The bytes as they came.
    pub fn raw(&self) -> &[u8] {
        match self {
            Self::Sse(event) => event.raw(),
            Self::Piece(event) => event.raw(),
            Self::Frame(event) => event.raw(),
        }
    }

    /// What the framing calls the event, if it names events.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Sse(event) => event.name(),
            Self::Piece(_) => None,
            Self::Frame(event) => event.name(),
        }
    }

    /// The payload; `None` if there is none (comments, blank lines).
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Sse(event) => event.data(),
            Self::Piece(event) => event.data().map(Cow::Borrowed),
            Self::Frame(event) => event.data().map(Cow::Borrowed),
        }
    }

    /// The bytes of the event with another payload.
    pub fn with_data(&self, data: &[u8]) -> Vec<u8> {
        match self {
            Self::Sse(event) => event.with_data(data),
            Self::Piece(event) => event.with_data(data),
            Self::Frame(event) => event.with_data(data),
        }
    }
}

/// Cuts a stream of bytes into events.
#[derive(Debug)]
pub enum Framer {
    Sse(sse::Framer),
    Lines(pieces::Lines),
    Array(array::Elements),
    EventStream(event_stream::Frames),
    Messages(pieces::Messages),
}

impl Framer {
    /// A framer that refuses events of more than `limit` bytes.
    pub fn new(framing: Framing, limit: usize) -> Self {
        match framing {
            Framing::Sse => Self::Sse(sse::Framer::new(limit)),
            Framing::Lines => Self::Lines(pieces::Lines::new(limit)),
            Framing::Array => Self::Array(array::Elements::new(limit)),
            Framing::EventStream => Self::EventStream(event_stream::Frames::new(limit)),
            Framing::Messages => Self::Messages(pieces::Messages::new(limit)),
        }
    }

    /// Reads on; events that became complete are appended to `out`.
    ///
    /// # Errors
    /// [`Reason::TooLarge`] if an event exceeds the limit, [`Reason::Malformed`] if it is damaged. The events before it are in `out`; the framer is of no more use.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Reason> {
        match self {
            Self::Sse(framer) => {
                let mut events = Vec::new();
                let framed = framer.push(bytes, &mut events);
                out.extend(events.into_iter().map(Event::Sse));
                framed
            }
            Self::Lines(framer) => framer.push(bytes, out),
            Self::Array(framer) => framer.push(bytes, out),
            Self::EventStream(framer) => framer.push(bytes, out),
            Self::Messages(framer) => framer.push(bytes, out),
        }
    }

    /// The stream has ended. Returns what follows the last event, if anything does.
    pub fn finish(&mut self) -> Option<Event> {
        match self {
            Self::Sse(framer) => framer.finish().map(Event::Sse),
            Self::Lines(framer) => framer.finish(),
            Self::Array(framer) => framer.finish(),
            Self::EventStream(framer) => framer.finish(),
            Self::Messages(_) => None,
        }
    }
}
