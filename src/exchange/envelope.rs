//! What a request says outside its body: its target and its headers.
//!
//! The path's parts, the query's pairs and the headers are texts like those of the body. A header that the protocol defines as
//! a copy of a value in the body (MCP) is no text of its own: it becomes what the value becomes, so that the two agree.
//!
//! Not inspected, since they belong to the transfer and every request has them: see [`PROTOCOL`], and [`CREDENTIALS`] for what
//! the upstream must know. The headers of answers are not inspected either: they are written by servers, not by models.

mod rewritten;

pub use rewritten::Rewritten;

use crate::decode::json::{Json, NodeId};
use crate::decode::{Channel, Segment};
use crate::provider::{Dialect, Walk, is_name};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use std::borrow::Cow;

/// A request without its body.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// Path and query, as the upstream will know them but for its own prefix.
    pub target: &'a str,
    pub headers: &'a HeaderMap,
}

/// Headers of the transfer (RFC 9110, RFC 9111, RFC 9218, Fetch), of tracing, and of protocols over HTTP: names, versions,
/// dates and sizes that programs write. `user-agent` is free text, but of the program's maker. Sorted.
const PROTOCOL: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "anthropic-version",
    "b3",
    "cache-control",
    "content-digest",
    "content-encoding",
    "content-length",
    "content-md5",
    "content-range",
    "content-type",
    "date",
    "digest",
    "dnt",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "mcp-method",
    "mcp-protocol-version",
    "openai-beta",
    "origin",
    "pragma",
    "priority",
    "range",
    "sentry-trace",
    "te",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-user-agent",
    "x-goog-api-client",
    "x-goog-upload-command",
    "x-goog-upload-header-content-length",
    "x-goog-upload-header-content-type",
    "x-goog-upload-offset",
    "x-goog-upload-protocol",
    "x-requested-with",
];

/// Families of such headers.
const PROTOCOL_FAMILIES: &[&str] = &["x-stainless-", "sec-", "x-b3-", "x-datadog-", "x-amzn-"];

/// Headers, and parameters of a query, that hold what the upstream recognises the caller by, ids and hashes: by the last word of
/// their names. One is left alone only if it is a word of that kind; anything else in it is text. Sorted.
const CREDENTIALS: &[&str] = &[
    "auth",
    "authorization",
    "cookie",
    "credential",
    "cursor",
    "etag",
    "hash",
    "id",
    "key",
    "organization",
    "pagetoken",
    "project",
    "secret",
    "session",
    "sig",
    "signature",
    "token",
];

/// Headers that name files.
const FILE_NAMES: &[&str] = &["content-disposition", "slug", "x-file-name", "x-filename", "x-goog-upload-file-name"];

/// Names of headers and parameters that hold nothing else. Sorted.
const KEYS: &[&str] = &[
    "access_token",
    "api-key",
    "api_key",
    "authorization",
    "cookie",
    "key",
    "x-amz-security-token",
    "x-api-key",
    "x-goog-api-key",
];

/// Digits in a row, grouped or not, from which a word could be a person's number, as in names of bodies.
const DIGIT_RUN: usize = 8;
/// How MCP writes text in a header that is not plain ASCII (2026-07-28, SEP-2243).
const MARKED: (&str, &str) = ("=?base64?", "?=");

/// A text outside the body.
struct Text {
    channel: Channel,
    path: String,
    text: String,
    place: Place,
    /// It cannot be rewritten: the request would ask for something else, or say it in an unknown charset.
    pinned: bool,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Index of the header, duplicates counted.
    Header(usize),
    /// Index of the part of the path.
    Path,
    /// Index of the pair of the query.
    Query(usize),
}

/// A header that repeats a value of the body.
struct Repeat {
    header: usize,
    text: String,
    nodes: Vec<NodeId>,
}

/// The texts outside a body, from which the walk's last segments are made.
#[derive(Default)]
pub(super) struct Texts {
    texts: Vec<Text>,
    repeats: Vec<Repeat>,
    /// The index of the first one's segment.
    first: usize,
}

impl Texts {
    /// Finds the texts of an envelope; `body` is that of the request, if it is JSON, and has `first` segments.
    pub(super) fn of(envelope: &Envelope<'_>, dialect: &dyn Dialect, body: Option<&Json<'_>>, first: usize) -> Self {
        let mut texts = Self { first, ..Self::default() };
        texts.read_target(envelope.target);
        for (index, (name, value)) in envelope.headers.iter().enumerate() {
            let name = name.as_str();
            if is_protocol(name) {
                continue;
            }
            let (text, pinned) = decoded_header(value.as_bytes());
            if is_credential(name, &text) || text.is_empty() {
                continue;
            }
            let nodes = body.map(|body| dialect.repeated(name, &text, body)).unwrap_or_default();
            if !nodes.is_empty() {
                texts.repeats.push(Repeat { header: index, text, nodes });
                continue;
            }
            let channel = match name {
                name if FILE_NAMES.contains(&name) => Channel::Upload,
                name if name.starts_with("mcp-") => Channel::ToolCall,
                _ => Channel::Prompt,
            };
            texts.texts.push(Text {
                channel,
                path: format!("header.{name}"),
                text,
                place: Place::Header(index),
                pinned,
            });
        }
        texts
    }

    fn read_target(&mut self, target: &str) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        for (index, part) in path.split('/').enumerate().filter(|(_, part)| !is_name(part) || has_number(part)) {
            let (text, _) = percent_decoded(part, false);
            let path = format!("target.path[{index}]");
            self.texts.push(Text { channel: Channel::Prompt, path, text, place: Place::Path, pinned: true });
        }
        for (index, pair) in query.split('&').enumerate() {
            let (text, offsets) = percent_decoded(pair, true);
            let (name, value) = text.split_once('=').unwrap_or(("", &text));
            if value.is_empty() || is_credential(&name.to_ascii_lowercase(), value) {
                continue;
            }
            let path = match is_name(name) {
                true => format!("target.query.{name}"),
                false => format!("target.query[{index}]"),
            };
            let pinned = offsets.is_none();
            self.texts.push(Text { channel: Channel::Prompt, path, text, place: Place::Query(index), pinned });
        }
    }

    /// Adds the texts to a walk, as its last segments.
    pub(super) fn join<'b>(&'b self, walk: &mut Walk<'b>) {
        for (index, text) in self.texts.iter().enumerate() {
            if text.pinned {
                walk.pinned.push(self.first + index);
            }
            walk.segments.push(Segment::raw(text.channel, text.path.clone(), 0..text.text.len(), &text.text));
        }
    }

    /// The index of the first segment that is not of the body.
    pub(super) fn first(&self) -> usize {
        self.first
    }
}

fn is_protocol(name: &str) -> bool {
    PROTOCOL.binary_search(&name).is_ok() || PROTOCOL_FAMILIES.iter().any(|family| name.starts_with(family))
}

/// Whether a value is a credential, an id or a hash, by its name and its look: a scheme and one word, which holds no number of
/// a person's.
fn is_credential(name: &str, value: &str) -> bool {
    if KEYS.binary_search(&name).is_ok() {
        return true;
    }
    let last = name.rsplit(['-', '_']).next().unwrap_or_default();
    let named =
        CREDENTIALS.binary_search(&last).is_ok() || ["key", "token", "id"].iter().any(|end| last.ends_with(end));
    let word = value.split_once(' ').map_or(value, |(_, word)| word);
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=:%,|".contains(&b);
    named && !has_number(word) && word.bytes().all(is_word)
}

/// Whether a word could hold a person's number.
fn has_number(word: &str) -> bool {
    let mut run = 0;
    word.bytes().any(|b| {
        run = match b {
            b'0'..=b'9' => run + 1,
            b'-' | b'.' | b'_' => run,
            _ => 0,
        };
        run >= DIGIT_RUN
    })
}

/// The text of a header, and whether it cannot be written anew.
fn decoded_header(value: &[u8]) -> (String, bool) {
    match std::str::from_utf8(value) {
        Ok(text) => (unmarked(text).unwrap_or_else(|| text.to_owned()), false),
        // ISO 8859-1, as HTTP had it (RFC 9110 §5.5)
        Err(_) => (value.iter().map(|b| char::from(*b)).collect(), true),
    }
}

/// The text of `=?base64?…?=`.
fn unmarked(value: &str) -> Option<String> {
    let payload = value.strip_prefix(MARKED.0)?.strip_suffix(MARKED.1)?;
    String::from_utf8(BASE64_STANDARD.decode(payload).ok()?).ok()
}

/// Where the bytes of a decoded text came from, and the end.
type Offsets = Vec<usize>;

/// Part of a target without its percent-encoding; offsets if it is UTF-8. In a query, `+` is a space.
fn percent_decoded(source: &str, query: bool) -> (String, Option<Offsets>) {
    let bytes = source.as_bytes();
    let (mut decoded, mut offsets) = (Vec::with_capacity(bytes.len()), Vec::with_capacity(bytes.len() + 1));
    let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut at = 0;
    while at < bytes.len() {
        offsets.push(at);
        let (byte, width) = match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
            (b'+', ..) if query => (b' ', 1),
            (byte, ..) => (byte, 1),
        };
        decoded.push(byte);
        at += width;
    }
    offsets.push(at);
    match String::from_utf8_lossy(&decoded) {
        Cow::Borrowed(text) => (text.to_owned(), Some(offsets)),
        Cow::Owned(text) => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(PROTOCOL.is_sorted() && CREDENTIALS.is_sorted() && KEYS.is_sorted());
    }

    #[test]
    fn percent_encoding_is_undone_with_its_places() {
        assert_eq!(
            percent_decoded("a%20b+%c3%A9%zz%4", true),
            ("a b é%zz%4".into(), Some(vec![0, 1, 4, 5, 6, 9, 12, 13, 14, 15, 16, 17]))
        );
        assert_eq!(percent_decoded("a+b", false).0, "a+b");
        assert_eq!(percent_decoded("%ff", true), ("\u{fffd}".into(), None));
    }
}
