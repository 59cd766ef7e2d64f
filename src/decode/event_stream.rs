//! Frames of `application/vnd.amazon.eventstream`, as AWS services stream them.
//!
//! A frame is, big-endian: its length and that of its headers (32 bits each), a CRC-32 of those eight bytes, the headers, the
//! payload, and a CRC-32 of everything before. A header is a name (length in 8 bits), a type (8 bits) and a value; text is type 7
//! with a length in 16 bits. Source: AWS documentation of the event stream encoding; the frames of the recordings.
//!
//! InvokeModelWithResponseStream wraps each event of the model in `{"bytes": base64, "p": padding}`. The payload of such a frame
//! is what is wrapped, so that a model's events read the same on every platform.

use super::Reason;
use super::framing;
use super::json::{Json, Limits};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::ops::Range;

/// Length fields, their CRC.
const PRELUDE: usize = 12;
/// The CRC at the end.
const TRAILER: usize = 4;
/// Largest frame: 16 MiB of payload and 128 KiB of headers, by the documentation.
const MOST: usize = (16 << 20) + (128 << 10) + PRELUDE + TRAILER;

/// A frame.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    raw: Vec<u8>,
    /// Where the headers end and the payload begins.
    payload: usize,
    name: Option<String>,
    /// What is wrapped in the payload, and where its base64 stands in the frame.
    wrapped: Option<(Vec<u8>, Range<usize>)>,
}

impl Event {
    /// The frame as it came.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Type of the event or of the exception.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The payload, or what is wrapped in it; `None` if it is empty.
    pub fn data(&self) -> Option<&[u8]> {
        let data = match &self.wrapped {
            Some((inner, _)) => inner,
            None => &self.raw[self.payload..self.raw.len() - TRAILER],
        };
        (!data.is_empty()).then_some(data)
    }

    /// A frame with the same headers and another payload; what stands around what is wrapped stays.
    pub fn with_data(&self, data: &[u8]) -> Vec<u8> {
        let end = self.raw.len() - TRAILER;
        let payload = match &self.wrapped {
            Some((_, at)) => {
                let encoded = BASE64_STANDARD.encode(data);
                [&self.raw[self.payload..at.start], encoded.as_bytes(), &self.raw[at.end..end]].concat()
            }
            None => data.to_vec(),
        };
        sealed(&self.raw[PRELUDE..self.payload], &payload)
    }
}

impl std::fmt::Debug for Event {
    /// Shows sizes alone: the text may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event").field("bytes", &self.raw.len()).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A frame of text headers and a payload. Names have up to 255 bytes, values up to 65,535.
pub fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).expect("the name of a header is short"));
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).expect("the value of a header is short").to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    sealed(&head, payload)
}

/// A frame with its lengths and checksums.
fn sealed(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u32::try_from(bytes).expect("a frame has less than 4 GiB").to_be_bytes();
    let total = PRELUDE + headers.len() + payload.len() + TRAILER;
    let mut out = Vec::with_capacity(total);
    out.extend_from_slice(&length(total));
    out.extend_from_slice(&length(headers.len()));
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

/// The text headers of a frame; `None` if they cannot be read.
fn headers(mut bytes: &[u8]) -> Option<Vec<(&str, &str)>> {
    let mut out = Vec::new();
    while let Some((&length, rest)) = bytes.split_first() {
        let (name, rest) = rest.split_at_checked(usize::from(length))?;
        let (&kind, rest) = rest.split_first()?;
        let (size, rest) = match kind {
            0 | 1 => (0, rest),
            2 => (1, rest),
            3 => (2, rest),
            4 => (4, rest),
            5 | 8 => (8, rest),
            6 | 7 => {
                let (size, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*size)), rest)
            }
            9 => (16, rest),
            _ => return None,
        };
        let (value, rest) = rest.split_at_checked(size)?;
        if kind == 7 {
            out.push((std::str::from_utf8(name).ok()?, std::str::from_utf8(value).ok()?));
        }
        bytes = rest;
    }
    Some(out)
}

/// Reads a whole frame, whose prelude was checked.
fn read(raw: Vec<u8>, header_length: usize) -> Result<Event, Reason> {
    let end = raw.len() - TRAILER;
    if raw[end..] != crc32fast::hash(&raw[..end]).to_be_bytes() {
        return Err(Reason::Malformed);
    }
    let payload = PRELUDE + header_length;
    let headers = headers(&raw[PRELUDE..payload]).ok_or(Reason::Malformed)?;
    let header = |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    let name = header(":event-type").or_else(|| header(":exception-type")).or_else(|| header(":error-code"));
    let chunk = name.as_deref() == Some("chunk");
    let wrapped = if chunk { unwrapped(&raw[payload..end], payload) } else { None };
    Ok(Event { raw, payload, name, wrapped })
}

/// What the payload of a chunk wraps, and where in the frame; `offset` is where the payload begins.
fn unwrapped(payload: &[u8], offset: usize) -> Option<(Vec<u8>, Range<usize>)> {
    let json = Json::parse(payload, &Limits::default()).ok()?;
    // of two such keys nobody can say which one counts: the payload is then read as it is
    let mut all = json.root().each("bytes");
    let (node, None) = (all.next()?, all.next()) else { return None };
    let inner = BASE64_STANDARD.decode(node.str()?.as_bytes()).ok()?;
    let span = node.span();
    Some((inner, offset + span.start + 1..offset + span.end - 1))
}

/// Cuts a stream into frames.
#[derive(Debug)]
pub struct Frames {
    buffer: Vec<u8>,
    limit: usize,
}

impl Frames {
    /// A framer that refuses frames of more than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit: limit.min(MOST) }
    }

    /// # Errors
    /// [`Reason::TooLarge`] for a frame beyond the limit, [`Reason::Malformed`] for one whose lengths or checksums are wrong.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<framing::Event>) -> Result<(), Reason> {
        self.buffer.extend_from_slice(bytes);
        let mut start = 0;
        let result = loop {
            let rest = &self.buffer[start..];
            let Some(prelude) = rest.first_chunk::<PRELUDE>() else { break Ok(()) };
            let number =
                |at: usize| u32::from_be_bytes([prelude[at], prelude[at + 1], prelude[at + 2], prelude[at + 3]]);
            let (total, headers) = (number(0) as usize, number(4) as usize);
            if number(8) != crc32fast::hash(&prelude[..8]) || headers + PRELUDE + TRAILER > total {
                break Err(Reason::Malformed);
            }
            if total > self.limit {
                break Err(Reason::TooLarge);
            }
            let Some(raw) = rest.get(..total) else { break Ok(()) };
            match read(raw.to_vec(), headers) {
                Ok(event) => out.push(framing::Event::Frame(event)),
                Err(reason) => break Err(reason),
            }
            start += total;
        };
        self.buffer.drain(..start);
        result
    }

    /// The beginning of a frame whose end never came: nobody can read it, and no client takes it for an event.
    pub(super) fn finish(&mut self) -> Option<framing::Event> {
        self.buffer.clear();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::framing::{Framer, Framing};
    use proptest::prelude::*;

    const LIMIT: usize = 1 << 20;

    fn event(name: &str, payload: &[u8]) -> Vec<u8> {
        let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
        frame(&headers, payload)
    }

    fn events<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Vec<framing::Event>, Reason> {
        let mut framer = Framer::new(Framing::EventStream, LIMIT);
        let mut out = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut out)?;
        }
        Ok(out)
    }

    #[test]
    fn the_checksums_are_those_of_the_documentation() {
        // the empty message of the test vectors that AWS publishes with its SDKs
        assert_eq!(frame(&[], b""), [0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff]);
    }

    #[test]
    fn a_payload_is_replaced_and_the_rest_stays() {
        let raw = event("contentBlockDelta", br#"{"delta":{"text":"a"}}"#);
        let read = events([raw.as_slice()]).unwrap();
        assert_eq!(read[0].name(), Some("contentBlockDelta"));
        assert_eq!(read[0].with_data(br#"{"delta":{"text":"a"}}"#), raw);
        assert_eq!(read[0].with_data(b"{}"), event("contentBlockDelta", b"{}"));
    }

    #[test]
    fn a_wrapped_event_is_read_and_replaced_within_its_wrapping() {
        let wrapped = |inner: &[u8]| format!("{{\"bytes\":\"{}\",\"p\":\"abc\"}}", BASE64_STANDARD.encode(inner));
        let raw = event("chunk", wrapped(b"{\"type\":\"ping\"}").as_bytes());
        let read = events([raw.as_slice()]).unwrap();
        assert_eq!(read[0].data().as_deref(), Some(&b"{\"type\":\"ping\"}"[..]));
        assert_eq!(read[0].with_data(b"{}"), event("chunk", wrapped(b"{}").as_bytes()));
    }

    #[test]
    fn p5_damaged_frames_are_refused() {
        let whole = event("messageStop", b"{}");
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(events([damaged.as_slice()]), Err(Reason::Malformed), "bit flipped in byte {at}");
        }
    }

    #[test]
    fn p7_long_frames_are_refused_before_they_are_there() {
        let whole = event("messageStop", &vec![b' '; LIMIT]);
        assert_eq!(events([&whole[..PRELUDE]]), Err(Reason::TooLarge));
    }

    proptest! {
        #[test]
        fn p2_frames_do_not_depend_on_the_cuts(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..5),
            cut in 1usize..50,
        ) {
            let stream: Vec<u8> = payloads.iter().flat_map(|payload| event("x", payload)).collect();
            let whole = events([stream.as_slice()]).unwrap();
            prop_assert_eq!(whole.len(), payloads.len());
            let raw: Vec<u8> = whole.iter().flat_map(|event| event.raw().to_vec()).collect();
            prop_assert_eq!(&raw, &stream);
            prop_assert_eq!(events(stream.chunks(cut)).unwrap(), whole);
        }
    }
}
