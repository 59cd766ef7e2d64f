//! Collects the text of a body, or of a stream's event, while a dialect walks it, and gives what the dialect left to the backstop.

mod event;

pub use event::EventWalker;

use super::{Copy, Described, Offset, Reference, Signed, Walk, backstop};
use crate::decode::json::{Claims, Json, Kind, Node, NodeId};
use crate::decode::offset::{Edge, Unit};
use crate::decode::{Channel, Reason, Segment, Uninspected};
use std::ops::Range;

/// Longest leaf taken for one token of a model or its number, in bytes of JSON. Numbers that name a person have more
/// digits than any vocabulary's tokens (three, in those in use).
const LONGEST_TOKEN: usize = 15;

/// Whether a leaf of a copy is no text of its own.
pub(super) fn may_be_token(leaf: Node<'_, '_>) -> bool {
    // a fraction is a probability, however many digits it has
    leaf.span().len() <= LONGEST_TOKEN || is_fraction(leaf)
}

fn is_fraction(leaf: Node<'_, '_>) -> bool {
    leaf.kind() == Kind::Number && leaf.raw_str().contains(['.', 'e', 'E'])
}

/// How a value is read.
#[derive(Debug, Clone, std::marker::Copy, PartialEq, Eq)]
pub enum Read {
    /// A string of text.
    Text,
    /// JSON of someone's own making, or a string that holds its source.
    Json,
    /// Base64 or a `data:` URI.
    Payload,
    /// A URL: what it points at is elsewhere.
    Url,
    /// An id of content that is elsewhere.
    Reference,
    /// Token ids, audio.
    Unreadable,
    /// State that only the provider can read.
    Opaque,
}

/// A place in an object, its channel, and how it is read. The place is keys with dots between; `[]` stands for every element:
/// `results[].text`.
pub type Field = (&'static str, Channel, Read);

/// Whether the first step of a path is every element at `key` rather than the value there, and the path behind it; nothing if
/// the step is another key.
fn behind<'p>(path: &'p str, key: &str) -> Option<(bool, &'p str)> {
    let rest = path.strip_prefix(key)?;
    let (each, rest) = rest.strip_prefix("[]").map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() { Some((each, rest)) } else { Some((each, rest.strip_prefix('.')?)) }
}

/// A text of an event.
struct Noted {
    node: NodeId,
    channel: Channel,
    read: Read,
}

/// A walk under way. Every method claims the node it is given.
pub struct Walker<'j, 'b> {
    json: &'j Json<'b>,
    claims: Claims,
    walk: Walk<'b>,
    /// In an event: its texts, which become parts of lanes or segments only later.
    noted: Option<Vec<Noted>>,
    /// The nodes that the copies and the offsets of the walk are of.
    copies: Vec<NodeId>,
    offsets: Vec<NodeId>,
    /// What is added belongs to an earlier turn of the conversation.
    pub history: bool,
}

impl<'j, 'b> Walker<'j, 'b> {
    #[inline]
    pub fn new(json: &'j Json<'b>) -> Self {
        let (claims, walk) = (Claims::new(json), Walk::default());
        Self { json, claims, walk, noted: None, copies: Vec::new(), offsets: Vec::new(), history: false }
    }

    /// A walk that notes texts in place of making segments of them.
    #[inline]
    fn noting(json: &'j Json<'b>) -> Self {
        Self { noted: Some(Vec::new()), ..Self::new(json) }
    }

    pub fn root(&self) -> Node<'j, 'b> {
        self.json.root()
    }

    /// A string of text. Returns the index of its segment; nothing for other kinds, which the backstop then sees.
    pub fn text(&mut self, channel: Channel, node: Node<'j, 'b>) -> Option<usize> {
        if !node.is_string() {
            return None;
        }
        self.claims.claim(node);
        Some(self.add(channel, node, Read::Text, || Segment::string(channel, node)))
    }

    /// The text at a key, every duplicate of it.
    pub fn text_at(&mut self, channel: Channel, object: Node<'j, 'b>, key: &str) -> Option<usize> {
        object.each(key).filter_map(|node| self.text(channel, node)).last()
    }

    /// A string that holds JSON source, or the JSON itself.
    pub fn json_text(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if matches!(node.kind(), Kind::Null | Kind::Bool) {
            return;
        }
        self.claims.claim_tree(node);
        self.add(channel, node, Read::Json, || Segment::json_text(channel, node));
    }

    /// A JSON value of the caller's or the model's own making: keys, strings and numbers are text.
    pub fn value(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if matches!(node.kind(), Kind::Null | Kind::Bool) || self.text(channel, node).is_some() {
            return;
        }
        self.claims.claim_tree(node);
        self.add(channel, node, Read::Json, || Segment::json_text(channel, node));
    }

    /// The value at a key, every duplicate of it.
    pub fn value_at(&mut self, channel: Channel, object: Node<'j, 'b>, key: &str) {
        for node in object.each(key) {
            self.value(channel, node);
        }
    }

    /// A string at a key, or the strings of a list there.
    pub fn texts_at(&mut self, channel: Channel, object: Node<'j, 'b>, key: &str) {
        for node in object.each(key) {
            self.text(channel, node);
            for item in node.items() {
                self.text(channel, item);
            }
        }
    }

    /// Base64 or a `data:` URI: scanned if it is text, else not inspected.
    pub fn payload(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if !node.is_string() {
            return;
        }
        self.claims.claim(node);
        match Segment::base64(channel, node) {
            Ok(segment) => {
                self.add(channel, node, Read::Payload, || segment);
            }
            Err(reason) => self.uninspected(reason, channel, node),
        }
    }

    /// A URL, or a `data:` URI. The text of a URL is scanned; what it points at is elsewhere.
    pub fn url(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if node.str().is_some_and(|text| text.trim_start().get(..5).is_some_and(|s| s.eq_ignore_ascii_case("data:"))) {
            self.payload(channel, node);
        } else if self.text(channel, node).is_some() {
            self.uninspected(Reason::Remote, channel, node);
        }
    }

    /// An id of content that is elsewhere.
    pub fn reference(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if self.text(channel, node).is_some() {
            let id = node.str().unwrap_or_default().into_owned();
            self.walk.references.push(Reference { part: self.walk.uninspected.len(), id });
            self.uninspected(Reason::Remote, channel, node);
        }
    }

    /// What a value points at is elsewhere; its text is read with what it stands in.
    pub fn remote(&mut self, channel: Channel, node: Node<'j, 'b>) {
        self.uninspected(Reason::Remote, channel, node);
    }

    /// Token ids, audio, or other content no rule can read.
    pub fn unreadable(&mut self, channel: Channel, node: Node<'j, 'b>) {
        self.claims.claim_tree(node);
        self.uninspected(Reason::UnknownType, channel, node);
    }

    /// State that only the provider can read: signatures, encrypted reasoning. Changing it would break the next turn.
    pub fn opaque(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if matches!(node.kind(), Kind::String | Kind::Number) {
            self.claims.claim(node);
            self.uninspected(Reason::Opaque, channel, node);
        }
    }

    /// Text that must go back as it came: scanned, never rewritten.
    pub fn pinned(&mut self, channel: Channel, node: Node<'j, 'b>) -> Option<usize> {
        let index = self.text(channel, node)?;
        self.walk.pinned.push(index);
        Some(index)
    }

    /// The signature for the text of a segment.
    pub fn signed(&mut self, of: usize, signature: Node<'j, 'b>) {
        let signature = signature.str().unwrap_or_default().into_owned();
        self.walk.signed.push(Signed { of, signature });
    }

    /// A tool that a server offers.
    pub fn described(&mut self, tool: Described) {
        self.walk.described.push(tool);
    }

    /// How many segments there are so far.
    pub fn segments(&self) -> usize {
        self.noted.as_ref().map_or(self.walk.segments.len(), Vec::len)
    }

    /// Bytes of a text.
    fn text_len(&self, of: usize) -> usize {
        match &self.noted {
            Some(noted) => self.json.node(noted[of].node).str().map_or(0, |text| text.len()),
            None => self.walk.segments[of].text.len(),
        }
    }

    /// A value that repeats the text of segments, cut in tokens, and goes when one of them is rewritten. Its short leaves are
    /// not text of their own; a long one is no token, and is left to the backstop.
    pub fn copy(&mut self, of: Range<usize>, node: Node<'j, 'b>) {
        if of.is_empty() || !matches!(node.kind(), Kind::Object | Kind::Array) {
            return;
        }
        self.walk.copies.extend(of.map(|of| Copy { of, span: node.span() }));
        self.event_copy(node);
    }

    /// The same of any text of an event.
    pub fn event_copy(&mut self, node: Node<'j, 'b>) {
        if !matches!(node.kind(), Kind::Object | Kind::Array) {
            return;
        }
        node.tree().filter(|leaf| may_be_token(*leaf)).for_each(|leaf| self.claims.claim(leaf));
        self.copies.push(node.id());
    }

    /// Fractions that are no text: an embedding.
    pub fn fractions(&mut self, node: Node<'j, 'b>) {
        node.tree().filter(|leaf| is_fraction(*leaf)).for_each(|leaf| self.claims.claim(leaf));
    }

    /// The numbers at two keys that say where something in the text of a segment begins and ends. One beyond its end says
    /// something else, and is left to the backstop.
    pub fn offsets(&mut self, of: usize, object: Node<'j, 'b>, keys: [&str; 2], unit: Unit) {
        for (key, edge) in keys.into_iter().zip([Edge::Start, Edge::End]) {
            for node in object.each(key) {
                let within = |place: &u64| *place <= self.text_len(of) as u64;
                let Some(value) = node.as_u64().filter(within) else { continue };
                self.claims.claim(node);
                self.offsets.push(node.id());
                self.walk.offsets.push(Offset { of, span: node.span(), value, unit, edge });
            }
        }
    }

    /// Gives what nobody claimed to the backstop and ends the walk.
    pub fn finish(mut self, channel: Channel) -> Walk<'b> {
        self.history = false;
        self.rest(channel, |walker, leaf| {
            walker.add(channel, leaf, Read::Text, || Segment::string(channel, leaf));
        });
        self.walk
    }

    /// The leaves that nobody claimed: `read` takes those that are text.
    fn rest(&mut self, channel: Channel, mut read: impl FnMut(&mut Self, Node<'j, 'b>)) {
        let (json, claims) = (self.json, std::mem::take(&mut self.claims));
        for leaf in json.unclaimed_leaves(&claims) {
            match backstop::Leaf::of(leaf) {
                backstop::Leaf::Opaque => self.uninspected(Reason::Opaque, channel, leaf),
                backstop::Leaf::Label => {}
                backstop::Leaf::Text => {
                    self.walk.backstop_leaves += 1;
                    read(self, leaf);
                }
            }
        }
    }

    /// Reads fields of an object, every duplicate of each.
    pub fn read(&mut self, object: Node<'j, 'b>, fields: &[Field]) {
        // of most lists few fields are there
        for (path, channel, read) in fields.iter().filter(|(path, ..)| object.may_begin(path)) {
            self.read_at(object, path, *channel, *read);
        }
    }

    fn read_at(&mut self, object: Node<'j, 'b>, path: &str, channel: Channel, read: Read) {
        for (key, value) in object.entries().filter(|(key, _)| key.may_begin(path)) {
            let Some((each, rest)) = key.str().and_then(|key| behind(path, &key)) else { continue };
            let single = (!each).then_some(value);
            for value in value.items().filter(|_| each).chain(single) {
                match rest {
                    "" => self.read_value(value, channel, read),
                    rest => self.read_at(value, rest, channel, read),
                }
            }
        }
    }

    fn read_value(&mut self, node: Node<'j, 'b>, channel: Channel, read: Read) {
        match read {
            Read::Text => {
                self.text(channel, node);
            }
            Read::Json if node.is_string() => self.json_text(channel, node),
            Read::Json => self.value(channel, node),
            Read::Payload => self.payload(channel, node),
            Read::Url if node.is_string() => self.url(channel, node),
            Read::Reference => self.reference(channel, node),
            Read::Unreadable if !matches!(node.kind(), Kind::Null | Kind::Bool) => self.unreadable(channel, node),
            Read::Opaque => self.opaque(channel, node),
            Read::Url | Read::Unreadable => {}
        }
    }

    fn add(
        &mut self,
        channel: Channel,
        node: Node<'j, 'b>,
        read: Read,
        segment: impl FnOnce() -> Segment<'b>,
    ) -> usize {
        let index = self.segments();
        if self.history {
            self.walk.history.push(index);
        }
        match &mut self.noted {
            Some(noted) => noted.push(Noted { node: node.id(), channel, read }),
            None => self.walk.segments.push(segment()),
        }
        index
    }

    fn uninspected(&mut self, reason: Reason, channel: Channel, node: Node<'j, 'b>) {
        let bytes = node.span().len() as u64;
        self.walk.uninspected.push(Uninspected { reason, channel, bytes, path: node.path() });
    }
}
