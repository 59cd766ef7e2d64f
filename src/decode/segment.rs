//! Text with its place in a body.
//!
//! A segment's text goes through up to three layers on its way from the body: escapes of the JSON string it stands in,
//! its form (base64, a charset), and the view of JSON source that it holds itself. [`rewrite`] takes replacements in the
//! text back through the same layers, so that only the matched bytes of the body change (P1).

mod payload;

use super::json::escape::{self, Offsets};
use super::json::{Json, Limits, Node};
use super::view::{Leaf, Leaves, SourceEdit, View, char_boundary};
use crate::diagnostic::reader::Choice;
use payload::Form;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// Which way a text travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    Prompt,
    System,
    Upload,
    ToolCall,
    ToolResult,
    Response,
}

impl Choice for Channel {
    const WHAT: &'static str = "channel";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("prompt", Self::Prompt),
        ("system", Self::System),
        ("upload", Self::Upload),
        ("tool_call", Self::ToolCall),
        ("tool_result", Self::ToolResult),
        ("response", Self::Response),
    ];
}

/// Why bytes were not inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Encrypted,
    TooLarge,
    UnknownType,
    Deadline,
    Opaque,
    /// Not valid in the format it claims: broken JSON, bad base64, invalid compression.
    Malformed,
    /// Content that is elsewhere: a URL or a file id.
    Remote,
}

impl Choice for Reason {
    const WHAT: &'static str = "reason";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("encrypted", Self::Encrypted),
        ("too_large", Self::TooLarge),
        ("unknown_type", Self::UnknownType),
        ("deadline", Self::Deadline),
        ("opaque", Self::Opaque),
        ("malformed", Self::Malformed),
        ("remote", Self::Remote),
    ];
}

/// A part of a body that was not inspected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uninspected {
    pub reason: Reason,
    pub channel: Channel,
    pub bytes: u64,
    /// `messages[2].content[0].image_url.url`; empty for the whole body.
    pub path: String,
}

/// A text to scan.
#[derive(Clone)]
pub struct Segment<'b> {
    pub channel: Channel,
    /// JSON path, or `part[2]` of a multipart body; for records, so it never holds caller-chosen free text beyond key names.
    pub path: String,
    /// The text as the model would read it.
    pub text: Cow<'b, str>,
    place: Place<'b>,
}

/// How a segment's text maps to bytes of the body.
#[derive(Clone)]
struct Place<'b> {
    /// The bytes of the body that hold the text; a JSON string without its quotes.
    span: Range<usize>,
    /// `Some` if the span is the content of a JSON string: where its escapes are.
    escapes: Option<Escapes<'b>>,
    /// `Some` if that is base64, a `data:` URI or not UTF-8.
    form: Option<Box<Form>>,
    /// `Some` if that is JSON source of which the text is the view.
    view: Option<Offsets>,
}

/// The escapes in the content of a JSON string. Where they are is worked out when it is first asked, which is seldom.
#[derive(Clone)]
struct Escapes<'b> {
    content: &'b str,
    offsets: OnceLock<Offsets>,
}

impl<'b> Escapes<'b> {
    fn of(content: &'b str) -> Self {
        Self { content, offsets: OnceLock::new() }
    }

    /// The place in the content of a character boundary of its text.
    fn source(&self, text: usize) -> usize {
        match text {
            0 => 0,
            _ => self.offsets.get_or_init(|| Offsets::of(self.content)).source(text),
        }
    }
}

impl Place<'_> {
    fn plain(span: Range<usize>) -> Self {
        Self { span, escapes: None, form: None, view: None }
    }
}

impl<'b> Segment<'b> {
    /// A JSON string, value or key. Another value is taken by [`Self::json_value`].
    pub fn string(channel: Channel, node: Node<'_, 'b>) -> Self {
        let Some(content) = node.content() else { return Self::json_value(channel, node) };
        let text = node.str().unwrap_or_default();
        let place = Place { escapes: Some(Escapes::of(content)), ..Place::plain(node.content_span()) };
        Self { channel, path: node.path(), text, place }
    }

    /// A JSON string that holds JSON source, such as tool arguments. The text is the source with the escapes inside its
    /// strings resolved; if it does not begin like JSON, it is the string. Another value is taken by [`Self::json_value`].
    pub fn json_text(channel: Channel, node: Node<'_, 'b>) -> Self {
        if node.is_string() { Self::string(channel, node).viewed() } else { Self::json_value(channel, node) }
    }

    /// A whole JSON value: structure and keys as written, escapes inside strings resolved.
    pub fn json_value(channel: Channel, node: Node<'_, 'b>) -> Self {
        let text = Cow::Borrowed(node.raw_str());
        Self { channel, path: node.path(), text, place: Place::plain(node.span()) }.viewed()
    }

    /// Plain text that stands in the body as it is, at `span`.
    pub fn raw(channel: Channel, path: impl Into<String>, span: Range<usize>, text: &'b str) -> Self {
        Self { channel, path: path.into(), text: Cow::Borrowed(text), place: Place::plain(span) }
    }

    /// The bytes of an upload at `span`, in whatever charset they are; `declared` is the charset that the sender names.
    ///
    /// # Errors
    /// The reason why the bytes cannot be inspected, if they are not text.
    pub fn bytes(
        channel: Channel,
        path: impl Into<String>,
        span: Range<usize>,
        bytes: &'b [u8],
        declared: Option<&str>,
    ) -> Result<Self, Reason> {
        let mut place = Place::plain(span);
        let text = match Form::of_bytes(bytes, declared)? {
            None => Cow::Borrowed(std::str::from_utf8(bytes).map_err(|_| Reason::Malformed)?),
            Some((form, text)) => {
                place.form = Some(Box::new(form));
                Cow::Owned(text)
            }
        };
        Ok(Self { channel, path: path.into(), text, place }.viewed_if_json())
    }

    /// A JSON string of base64 or base64url, or a `data:` URI, whose bytes are text.
    ///
    /// # Errors
    /// The reason why the bytes cannot be inspected: not base64 (malformed), or not text.
    pub fn base64(channel: Channel, node: Node<'_, 'b>) -> Result<Self, Reason> {
        Self::string(channel, node).decoded()
    }

    /// The same for base64 that stands in the body as it is, at `span`.
    ///
    /// # Errors
    /// As for [`Self::base64`].
    pub fn base64_raw(
        channel: Channel,
        path: impl Into<String>,
        span: Range<usize>,
        text: &'b str,
    ) -> Result<Self, Reason> {
        Self::raw(channel, path, span, text).decoded()
    }

    /// The same text in a body of which this one begins at `by`.
    pub fn moved(mut self, by: usize, path: String) -> Self {
        self.place.span = self.place.span.start + by..self.place.span.end + by;
        self.path = path;
        self
    }

    fn decoded(mut self) -> Result<Self, Reason> {
        let (form, text) = Form::of_text(&self.text)?;
        self.text = Cow::Owned(text);
        self.place.form = Some(Box::new(form));
        Ok(self.viewed_if_json())
    }

    fn viewed(mut self) -> Self {
        let (text, offsets) = View::of(&self.text);
        if let Cow::Owned(text) = text {
            self.text = Cow::Owned(text);
        }
        self.place.view = Some(offsets);
        self
    }

    /// Files of JSON, or with a JSON value on each line, are scanned as their readers will read them.
    fn viewed_if_json(self) -> Self {
        let text = self.text.trim_start_matches('\u{feff}').trim_start();
        let is_json = |text: &str| Json::parse(text.as_bytes(), &Limits::default()).is_ok();
        if text.starts_with(['{', '[']) && (text.lines().next().is_some_and(is_json) || is_json(text)) {
            self.viewed()
        } else {
            self
        }
    }

    /// The texts within the text: the strings and numbers of JSON source, keys apart; of any other text, the text.
    pub fn leaves(&self) -> impl Iterator<Item = Leaf> {
        let view = self.place.view.as_ref().map(|offsets| Leaves::of(&self.text, offsets));
        let whole = view.is_none().then(|| Leaf { range: 0..self.text.len(), number: false });
        whole.into_iter().chain(view.into_iter().flatten())
    }

    /// The bytes of the body that hold a range of the text. A payload in another form (base64, a charset) is one unit.
    pub fn source_span(&self, range: Range<usize>) -> Range<usize> {
        let Place { span, escapes, form, view } = &self.place;
        if form.is_some() {
            return span.clone();
        }
        let source = |at: usize| {
            let at = view.as_ref().map_or(at, |view| view.source(at));
            span.start + escapes.as_ref().map_or(at, |escapes| escapes.source(at))
        };
        source(range.start)..source(range.end)
    }

    /// Bytes of the body that the segment covers, for the receipt.
    pub fn source_len(&self) -> u64 {
        self.place.span.len() as u64
    }

    /// What the body needs so that the ranges of the text become the replacements.
    fn edits(&self, body: &[u8], replacements: &[&Replacement], out: &mut Vec<BodyEdit>) {
        let Place { span, escapes, form, view } = &self.place;
        let mut edits = self.disjoint(replacements);
        let source = &body[span.clone()];
        if form.is_none() && view.is_none() {
            self.place(edits, out);
            return;
        }
        let unescaped = match (escapes, std::str::from_utf8(source)) {
            (Some(_), Ok(content)) => Cow::Owned(escape::unescape(content).into_bytes()),
            _ => Cow::Borrowed(source),
        };
        let text = match form {
            Some(form) => form.decode(&unescaped),
            None => String::from_utf8_lossy(&unescaped).into_owned(),
        };
        if view.is_some() {
            edits = View::rewrite(&text, edits);
        }
        match form {
            None => self.place(edits, out),
            Some(form) => {
                let mut text = text;
                for edit in edits.iter().rev() {
                    text.replace_range(edit.range.clone(), &edit.text);
                }
                let bytes = form.encode(&text);
                let bytes = match escapes {
                    // A `data:` URI can hold quotes before its comma.
                    Some(_) => escape::escape(&String::from_utf8_lossy(&bytes)).into_bytes(),
                    None => bytes,
                };
                out.push(BodyEdit { range: span.clone(), bytes });
            }
        }
    }

    /// Puts edits of the unescaped source into the body.
    fn place(&self, edits: Vec<SourceEdit>, out: &mut Vec<BodyEdit>) {
        let Place { span, escapes, .. } = &self.place;
        out.extend(edits.into_iter().map(|SourceEdit { range, text }| match escapes {
            None => BodyEdit { range: span.start + range.start..span.start + range.end, bytes: text.into_bytes() },
            Some(escapes) => BodyEdit {
                range: span.start + escapes.source(range.start)..span.start + escapes.source(range.end),
                bytes: escape::escape(&text).into_bytes(),
            },
        }));
    }

    /// The replacements in order, whole characters, and without overlaps: of two that overlap the first wins and takes
    /// the other's range along, so nothing that was to go stays.
    fn disjoint(&self, replacements: &[&Replacement]) -> Vec<SourceEdit> {
        let len = self.text.len();
        let mut edits: Vec<SourceEdit> = replacements
            .iter()
            .map(|r| {
                let start = (0..=r.range.start.min(len)).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
                let end = char_boundary(&self.text, r.range.end.clamp(start, len));
                SourceEdit { range: start..end, text: r.text.clone() }
            })
            .collect();
        edits.sort_by_key(|e| e.range.start);
        edits.dedup_by(|later, first| {
            let overlap = later.range.start < first.range.end;
            if overlap {
                first.range.end = first.range.end.max(later.range.end);
            }
            overlap
        });
        edits
    }
}

impl fmt::Debug for Segment<'_> {
    /// Shows place and length alone: the text may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment")
            .field("channel", &self.channel)
            .field("path", &self.path)
            .field("text_len", &self.text.len())
            .field("span", &self.place.span)
            .finish()
    }
}

/// Replace `range` of a segment's text by `text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// Index into the list of segments.
    pub segment: usize,
    pub range: Range<usize>,
    pub text: String,
}

#[derive(PartialEq, Eq)]
struct BodyEdit {
    range: Range<usize>,
    bytes: Vec<u8>,
}

/// The body with the replacements made, each escaped as its place needs. Ranges of one segment do not overlap.
/// Bytes outside the replaced ranges are those of `body`; a payload in base64 or in a charset other than UTF-8 is written
/// anew as a whole. In JSON source a range that crosses structure takes the contents of the strings it covers, and a number
/// it touches becomes a string, so JSON stays JSON.
pub fn rewrite(body: &[u8], segments: &[Segment<'_>], replacements: &[Replacement]) -> Vec<u8> {
    let mut sorted: Vec<&Replacement> = replacements.iter().collect();
    sorted.sort_by_key(|r| r.segment);
    let mut edits = Vec::new();
    for of_segment in sorted.chunk_by(|a, b| a.segment == b.segment) {
        segments[of_segment[0].segment].edits(body, of_segment, &mut edits);
    }
    edits.sort_by_key(|e| (e.range.start, e.range.end));
    edits.dedup();
    let mut out = Vec::with_capacity(body.len());
    let mut done = 0;
    for edit in edits {
        // Two segments over the same bytes: what the first change covers is gone already.
        if edit.range.start < done {
            done = done.max(edit.range.end);
            continue;
        }
        out.extend_from_slice(&body[done..edit.range.start]);
        out.extend_from_slice(&edit.bytes);
        done = edit.range.end;
    }
    out.extend_from_slice(&body[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::json::Kind;
    use crate::decode::samples::{json_document, json_string, ranges};
    use proptest::prelude::*;

    fn parse(body: &str) -> Json<'_> {
        Json::parse(body.as_bytes(), &Limits::default()).expect("test JSON is valid")
    }

    /// The body after replacing every occurrence of `find` in the segment made of the value of `"v"`.
    fn replaced<'b>(body: &'b str, find: &str, with: &str, make: impl Fn(Node<'_, 'b>) -> Segment<'b>) -> String {
        let json = parse(body);
        let segment = make(json.root().get("v").expect("the body has a `v`"));
        let replacements: Vec<_> = segment
            .text
            .match_indices(find)
            .map(|(at, _)| Replacement { segment: 0, range: at..at + find.len(), text: with.into() })
            .collect();
        assert!(!replacements.is_empty(), "{find} is not in the text");
        String::from_utf8(rewrite(body.as_bytes(), &[segment], &replacements)).expect("stays UTF-8")
    }

    const CHANNEL: Channel = Channel::Prompt;

    #[test]
    fn strings_are_borrowed_unless_escaped() {
        let json = parse(r#"{"v":"plain","w":"a\u00e9"}"#);
        let segment = Segment::string(CHANNEL, json.root().get("v").expect("is there"));
        assert!(matches!(segment.text, Cow::Borrowed("plain")));
        assert_eq!((segment.path.as_str(), segment.source_len(), segment.source_span(1..3)), ("v", 5, 7..9));
        let segment = Segment::string(CHANNEL, json.root().get("w").expect("is there"));
        assert_eq!((&*segment.text, segment.source_span(1..3)), ("aé", 19..25));
    }

    #[test]
    fn only_the_matched_bytes_of_a_string_change() {
        let body = r#" {"u":1.0,"v":"\u00e9 86 \/ 09\n","z":"\u00e9"} "#;
        let out = replaced(body, "86 / 09", "[\"ID\"]", |n| Segment::string(CHANNEL, n));
        assert_eq!(out, r#" {"u":1.0,"v":"\u00e9 [\"ID\"]\n","z":"\u00e9"} "#);
    }

    #[test]
    fn tool_arguments_are_escaped_twice() {
        let body = r#"{"v":"{\"id\":\"86\\u00309\",\"n\":8609}"}"#;
        let out = replaced(body, "8609", "\"x\"", |n| Segment::json_text(CHANNEL, n));
        assert_eq!(out, r#"{"v":"{\"id\":\"\\\"x\\\"\",\"n\":\"\\\"x\\\"\"}"}"#);
        let inner = parse(&out).root().get("v").and_then(Node::str).expect("is a string").into_owned();
        assert_eq!(parse(&inner).root().get("n").and_then(Node::str).as_deref(), Some("\"x\""));
    }

    #[test]
    fn values_are_rewritten_in_place() {
        let body = r#"{"v":{"id":"86\u00309","8609":[8609, 1.0]},"w":1}"#;
        let out = replaced(body, "8609", "[ID]", |n| Segment::json_value(CHANNEL, n));
        assert_eq!(out, r#"{"v":{"id":"[ID]","[ID]":["[ID]", 1.0]},"w":1}"#);
        let out = replaced(r#"{"v":18609}"#, "8609", "[ID]", |n| Segment::string(CHANNEL, n));
        assert_eq!(out, r#"{"v":"1[ID]"}"#);
    }

    #[test]
    fn two_segments_over_the_same_bytes_change_them_once() {
        let body = br#"{"v":[18609]}"#;
        let json = Json::parse(body, &Limits::default()).expect("valid");
        let outer = Segment::json_value(CHANNEL, json.root());
        let inner = Segment::json_value(CHANNEL, json.node(crate::decode::json::NodeId(3)));
        let replace = |segment: usize, start: usize| Replacement { segment, range: start..start + 4, text: "x".into() };
        let out = rewrite(body, &[outer, inner], &[replace(1, 1), replace(0, 7)]);
        assert_eq!(out, br#"{"v":["1x"]}"#);
    }

    #[test]
    fn base64_text_is_decoded_and_written_again() {
        let make = |n: Node<'_, 'static>| Segment::base64(CHANNEL, n).expect("is text");
        // "id 8609" with and without padding, in both alphabets, and with the slash escaped as PHP does.
        for (body, rewritten) in [
            (r#"{"v":"aWQgODYwOQ=="}"#, r#"{"v":"aWQgPz8/"}"#),
            (r#"{"v":"aWQgODYwOQ"}"#, r#"{"v":"aWQgPz8/"}"#),
            (r#"{"v":"data:text\/plain;base64,aWQgODYwOQ=="}"#, r#"{"v":"data:text/plain;base64,aWQgPz8/"}"#),
            (r#"{"v":"data:,id%208609"}"#, r#"{"v":"data:,id%20%3F%3F%3F"}"#),
            (r#"{"v":"data:;a=\"b\",8609"}"#, r#"{"v":"data:;a=\"b\",%3F%3F%3F"}"#),
            (r#"{"v":"Pz8_ODYwOQ"}"#, r#"{"v":"Pz8_Pz8_"}"#),
        ] {
            assert_eq!(replaced(body, "8609", "???", make), rewritten);
        }
    }

    #[test]
    fn payloads_that_are_not_text_say_why() {
        for (value, reason) in [
            ("no base64!", Reason::Malformed),
            ("data:image/png;base64,iVBORw0KGgoAAAAN", Reason::UnknownType),
            ("JVBERi0xLjcKL0VuY3J5cHQgNSAwIFI=", Reason::Encrypted),
        ] {
            let body = format!(r#"{{"v":"{value}"}}"#);
            let json = parse(&body);
            let segment = Segment::base64(CHANNEL, json.root().get("v").expect("is there"));
            assert_eq!(segment.err(), Some(reason), "{value}");
        }
    }

    #[test]
    fn uploads_are_read_in_their_charset_and_as_json_where_they_are() {
        let utf16: Vec<u8> = "\u{feff}Konto 8609".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let body = [b"--x--", &utf16[..], b"--y--"].concat();
        let span = 5..5 + utf16.len();
        let segment =
            Segment::bytes(Channel::Upload, "part[0]", span.clone(), &body[span.clone()], None).expect("text");
        assert_eq!(segment.text, "\u{feff}Konto 8609");
        assert_eq!(segment.source_span(0..3), span);
        let out = rewrite(&body, &[segment], &[Replacement { segment: 0, range: 9..13, text: "x".into() }]);
        let expected: Vec<u8> = "\u{feff}Konto x".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(out, [b"--x--", &expected[..], b"--y--"].concat());

        let lines = b"{\"a\":\"8\\u0036\"}\n{\"a\":86}\n";
        let segment = Segment::bytes(Channel::Upload, "part[0]", 0..lines.len(), lines, None).expect("text");
        assert_eq!(segment.text, "{\"a\":\"86\"}\n{\"a\":86}\n");
        let ids = [6..8, 16..18].map(|range| Replacement { segment: 0, range, text: "x".into() });
        assert_eq!(rewrite(lines, &[segment], &ids), b"{\"a\":\"x\"}\n{\"a\":\"x\"}\n");
    }

    #[test]
    fn debug_shows_no_text() {
        let segment = Segment::raw(CHANNEL, "", 0..6, "secret");
        assert!(!format!("{segment:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn p1_strings_change_in_the_ranges_alone(
            value in json_string(), picks in proptest::collection::vec((0usize..6, 1usize..4), 0..4), with in "[\"\\\\a\n]{0,3}",
        ) {
            let body = format!("{{\"a\": [1.0, {value}] , \"v\":{value}}} ");
            let json = parse(&body);
            let segment = Segment::string(CHANNEL, json.root().get("v").expect("is there"));
            let ranges = ranges(&segment.text, &picks);
            // Outside the ranges the source is that of the body, and inside it is the replacement.
            let mut expected_text = segment.text.to_string();
            let mut expected = body.clone();
            for range in ranges.iter().rev() {
                let span = segment.source_span(range.clone());
                prop_assert_eq!(escape::unescape(&body[span.clone()]), &segment.text[range.clone()]);
                expected.replace_range(span, &escape::escape(&with));
                expected_text.replace_range(range.clone(), &with);
            }
            let replacements: Vec<_> =
                ranges.into_iter().map(|range| Replacement { segment: 0, range, text: with.clone() }).collect();
            let out = rewrite(body.as_bytes(), &[segment], &replacements);
            prop_assert_eq!(std::str::from_utf8(&out), Ok(&*expected));
            let value: serde_json::Value = serde_json::from_slice(&out).expect("stays JSON");
            prop_assert_eq!(value["v"].as_str(), Some(&*expected_text));
        }

        #[test]
        fn p1_json_stays_json_with_its_structure(
            source in json_document(), picks in proptest::collection::vec((0usize..9, 1usize..9), 0..5), nested in any::<bool>(),
        ) {
            let body = match nested {
                true => format!("{{\"v\":\"{}\"}}", escape::escape(&source)),
                false => format!("{{\"v\":{source}}}"),
            };
            let json = parse(&body);
            let segment = Segment::json_text(CHANNEL, json.root().get("v").expect("is there"));
            let replacements: Vec<_> = ranges(&segment.text, &picks)
                .into_iter()
                .map(|range| Replacement { segment: 0, range, text: "\"\n[X]".into() })
                .collect();
            let out = rewrite(body.as_bytes(), std::slice::from_ref(&segment), &replacements);
            if replacements.is_empty() {
                prop_assert_eq!(&out, body.as_bytes());
            }
            let out = std::str::from_utf8(&out).expect("stays UTF-8");
            let after = parse(out);
            let value = after.root().get("v").expect("is still there");
            let inner = if nested { value.str().expect("stays a string").into_owned() } else { value.raw_str().to_owned() };
            let (before, after) = (parse(&source), parse(&inner));
            // The same tree: only scalars and keys may differ, and numbers may have become strings.
            let shape = |json: &Json<'_>| json.nodes().map(|n| (n.path().matches(['[', '.']).count(), n.is_key())).collect::<Vec<_>>();
            prop_assert_eq!(shape(&before), shape(&after));
            for (old, new) in before.nodes().zip(after.nodes()) {
                let touched = new.str().is_some_and(|s| s != old.str().unwrap_or_default());
                let became_string = new.kind() == Kind::String && old.kind() == Kind::Number;
                prop_assert!(old.kind() == new.kind() || became_string);
                prop_assert!(touched || old.raw() == new.raw() || matches!(old.kind(), Kind::Array | Kind::Object));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0usize..150, len in 0usize..50) {
            if let Ok(segment) = Segment::bytes(CHANNEL, "", 0..bytes.len(), &bytes, None) {
                let replacement = Replacement { segment: 0, range: at..at + len, text: "x".into() };
                rewrite(&bytes, &[segment], &[replacement]);
            }
        }
    }
}
