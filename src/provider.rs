//! Wire dialects: where text sits in requests, answers and stream events; each provider's error and stop shapes.
//!
//! One file per dialect, and its line in [`DIALECTS`]. A provider without a dialect of its own is walked by the backstop:
//! every string leaf of every JSON body.

mod anthropic;
mod backstop;
mod bedrock;
mod cohere;
mod gemini;
mod generic;
mod huggingface;
mod json_path;
mod layout;
mod mcp;
mod mistral;
mod ollama;
mod openai;
mod operations;
mod walker;

use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node, NodeId};
use crate::decode::offset::{Edge, Unit};
use crate::decode::{Channel, Reason, Segment, Uninspected};
pub use backstop::is_name;
pub use json_path::{JsonPath, PathError};
pub use layout::{Layout, Use};
pub use operations::{OPERATIONS, Operations};
use std::ops::Range;
use std::sync::Arc;
pub use walker::{EventWalker, Field, Read, Walker};

/// Every dialect. A new one is a file and a line here.
pub const DIALECTS: &[fn() -> Arc<dyn Dialect>] = &[
    || Arc::new(openai::OpenAi),
    || Arc::new(openai::Azure),
    || Arc::new(anthropic::Anthropic),
    || Arc::new(mistral::Mistral),
    || Arc::new(cohere::Cohere),
    || Arc::new(bedrock::Bedrock),
    || Arc::new(ollama::Ollama),
    || Arc::new(huggingface::HuggingFace),
    || Arc::new(gemini::Gemini { vertex: false }),
    || Arc::new(gemini::Gemini { vertex: true }),
    || Arc::new(mcp::Mcp),
    || Arc::new(generic::Generic::default()),
];

/// The provider of which nothing is known but what the configuration tells.
const GENERIC: &str = "generic";

/// The dialect of a provider's name in the configuration.
pub fn find(provider: &str) -> Option<Arc<dyn Dialect>> {
    DIALECTS.iter().map(|make| make()).find(|d| d.names().contains(&provider))
}

/// The dialect that an upstream of `dialect` speaks at a path.
pub fn speaking(dialect: &Arc<dyn Dialect>, path: &str) -> Arc<dyn Dialect> {
    dialect.at(path).unwrap_or_else(|| dialect.clone())
}

/// What the configuration tells of an upstream's dialect beside its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    pub operations: Operations,
    /// Where text lies, in place of what the dialect knows.
    pub layout: Option<Arc<Layout>>,
}

/// The dialect of a provider's name, as the configuration wants it.
pub fn configured(provider: &str, settings: &Settings) -> Option<Arc<dyn Dialect>> {
    let dialect = find(provider)?;
    Some(match &settings.layout {
        None => dialect,
        Some(layout) => {
            let base = (provider != GENERIC).then_some(dialect);
            Arc::new(generic::Generic::new(layout.clone(), base))
        }
    })
}

/// Every name of every dialect.
pub fn names() -> Vec<&'static str> {
    DIALECTS.iter().flat_map(|make| make().names()).copied().collect()
}

/// The dialect in which errors are told when no upstream is known: the one most clients read.
pub fn fallback() -> &'static dyn Dialect {
    &openai::OpenAi
}

/// The operation a path stands for, by a dialect's table of path endings: `/v1/files`, and also `/v1/files/x/content`.
fn operation_of(table: &[(&str, &'static str)], path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
    let found = table.iter().find(|(suffix, _)| path.ends_with(suffix));
    let inside = || table.iter().find(|(part, _)| path.contains(&format!("{part}/")));
    found.or_else(inside).map_or("other", |(_, operation)| operation)
}

/// What the walk of one body yields.
#[derive(Default)]
pub struct Walk<'b> {
    pub segments: Vec<Segment<'b>>,
    pub uninspected: Vec<Uninspected>,
    /// Leaves that no walker claimed and only the backstop saw.
    pub backstop_leaves: u32,
    /// Segments that must go back to the provider as they came (signed reasoning): scanned, never rewritten.
    pub pinned: Vec<usize>,
    /// Segments of earlier turns of the conversation.
    pub history: Vec<usize>,
    /// Values that repeat the text of a segment in other words (log probabilities per token): they go when it is rewritten.
    pub copies: Vec<Copy>,
    /// Numbers that count into the text of a segment: they move when it is rewritten.
    pub offsets: Vec<Offset>,
    /// Content that is elsewhere under an id.
    pub references: Vec<Reference>,
    /// Tools that a server offers to models.
    pub described: Vec<Described>,
    /// Segments that the provider has signed.
    pub signed: Vec<Signed>,
}

/// A text that its provider will only take back as it was when it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Index of the segment.
    pub of: usize,
    pub signature: String,
}

impl<'b> Walk<'b> {
    /// Takes in the walk of a part that begins `at` in the body. Paths of the part go below `path`.
    pub fn append(&mut self, part: Walk<'b>, at: usize, path: &str) {
        let below = |own: &str| match (path, own) {
            ("", own) => own.to_owned(),
            (path, "") => path.to_owned(),
            (path, own) if own.starts_with('[') => format!("{path}{own}"),
            (path, own) => format!("{path}.{own}"),
        };
        let moved = |span: Range<usize>| span.start + at..span.end + at;
        let (segments, parts) = (self.segments.len(), self.uninspected.len());
        self.segments.extend(part.segments.into_iter().map(|segment| {
            let path = below(&segment.path);
            segment.moved(at, path)
        }));
        self.uninspected
            .extend(part.uninspected.into_iter().map(|part| Uninspected { path: below(&part.path), ..part }));
        self.backstop_leaves += part.backstop_leaves;
        self.pinned.extend(part.pinned.into_iter().map(|of| of + segments));
        self.history.extend(part.history.into_iter().map(|of| of + segments));
        self.copies.extend(part.copies.into_iter().map(|copy| Copy { of: copy.of + segments, span: moved(copy.span) }));
        let offsets = part.offsets.into_iter();
        self.offsets.extend(offsets.map(|o| Offset { of: o.of + segments, span: moved(o.span), ..o }));
        let references = part.references.into_iter();
        self.references.extend(references.map(|reference| Reference { part: reference.part + parts, ..reference }));
        self.signed.extend(part.signed.into_iter().map(|signed| Signed { of: signed.of + segments, ..signed }));
    }
}

/// What a server says of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    /// Where it is said.
    pub path: String,
    /// SHA-256 of all that a model is told of it.
    pub digest: [u8; 32],
}

/// An id of content that is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Index of its uninspected part.
    pub part: usize,
    pub id: String,
}

/// A value that repeats a segment's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Index of the segment.
    pub of: usize,
    /// Where the value stands, which becomes `null`.
    pub span: Range<usize>,
}

/// A number that counts into a segment's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offset {
    /// Index of the segment.
    pub of: usize,
    /// Where the number stands.
    pub span: Range<usize>,
    pub value: u64,
    pub unit: Unit,
    pub edge: Edge,
}

/// What the address of a request says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// `chat`, `embeddings`, `models`, …; `other` if the dialect does not know the path.
    pub operation: &'static str,
    /// The model, where the path names it.
    pub model: Option<String>,
    /// How the answer is streamed, where the path asks for a stream.
    pub stream: Option<Framing>,
    /// The provider whose bodies these are, where a platform carries those of others.
    pub family: Option<&'static str>,
}

impl Target {
    /// A target whose path says no more than the operation.
    pub fn of(operation: &'static str) -> Self {
        Self { operation, ..Self::default() }
    }
}

/// What the body of a request asks for, as far as the gateway needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    pub model: Option<String>,
    /// How the answer is to be streamed, if it is.
    pub stream: Option<Framing>,
    /// The operation, where the body names it and not the path.
    pub operation: Option<&'static str>,
    /// The id of the request as it is written in the body, where answers repeat it (JSON-RPC).
    pub request_id: Option<String>,
}

/// Token counts as the provider states them; never estimated.
#[derive(Debug, Clone, std::marker::Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: Option<u64>,
    pub output: Option<u64>,
    pub cached: Option<u64>,
}

impl Usage {
    /// Takes over what `later` states: in a stream the last figures count.
    pub fn merge(&mut self, later: Usage) {
        self.input = later.input.or(self.input);
        self.output = later.output.or(self.output);
        self.cached = later.cached.or(self.cached);
    }

    /// The figures of two answers.
    pub fn plus(self, other: Usage) -> Usage {
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        Usage {
            input: sum(self.input, other.input),
            output: sum(self.output, other.output),
            cached: sum(self.cached, other.cached),
        }
    }
}

/// Who must be told what when a message is blocked.
#[derive(Debug, Clone)]
pub struct Refusal<'a> {
    /// The gateway's request id.
    pub id: &'a str,
    pub message: &'a str,
    /// HTTP status for the error style.
    pub status: u16,
    pub model: Option<&'a str>,
    /// [`Facts::request_id`].
    pub request_id: Option<&'a str>,
}

/// A whole answer of the gateway's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub content_type: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

/// What kind of failure the gateway reports in the provider's shape.
#[derive(Debug, Clone, std::marker::Copy, PartialEq, Eq)]
pub enum Fault {
    /// Blocked by policy: permission error.
    Policy,
    /// The request is not valid (bad JSON, smuggling shapes): 400.
    BadRequest,
    /// The caller does not prove who it says it is: 401, or what the provider answers then.
    Identity,
    TooLarge,
    NotFound,
    /// The upstream failed or cannot be reached: 502.
    Upstream,
    Timeout,
    /// The gateway itself cannot serve now: 503.
    Unavailable,
}

/// A provider's wire dialect.
pub trait Dialect: Send + Sync {
    /// Names in the configuration, first is the canonical one: `["openai", "groq", "deepseek", …]`.
    fn names(&self) -> &'static [&'static str];
    /// The dialect spoken at `path` (without the upstream's prefix), where the provider offers another one's API beside its own.
    fn at(&self, path: &str) -> Option<Arc<dyn Dialect>> {
        let _ = path;
        None
    }
    /// What a request's address says; `path` is without the upstream's prefix and with its query.
    fn target(&self, method: &str, path: &str) -> Target;
    /// The header that carries the gateway's own credential for this provider, and its value.
    fn credential(&self, key: &str) -> (&'static str, String) {
        ("authorization", format!("Bearer {key}"))
    }
    /// Facts of a request body.
    fn facts(&self, target: &Target, body: &Json<'_>) -> Facts;
    /// Text of a request body. Every string leaf is either claimed, declared opaque, or walked by the backstop.
    fn request<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b>;
    /// Whether a header of this name repeats a value of the request's body.
    fn repeats(&self, header: &str) -> bool {
        let _ = header;
        false
    }
    /// The values of a request's body that such a header of this text may repeat: it changes when they do.
    fn repeated(&self, header: &str, text: &str, body: &Json<'_>) -> Vec<NodeId> {
        let _ = (header, text, body);
        Vec::new()
    }
    /// Text of a whole answer.
    fn response<'b>(&self, target: &Target, body: &Json<'b>) -> Walk<'b>;
    /// The names under which later requests may refer to the content that this answer says was taken in.
    fn uploaded(&self, target: &Target, body: &Json<'_>) -> Vec<String> {
        let _ = (target, body);
        Vec::new()
    }
    /// Text of one line of a file of JSON lines, whichever way it goes; `None`: the dialect does not know such lines. What no
    /// walker names goes to `channel`.
    fn line<'b>(&self, channel: Channel, line: &Json<'b>) -> Option<Walk<'b>> {
        let _ = (channel, line);
        None
    }
    /// Whether what is uploaded must arrive as it came: with a value in it, it is refused, not rewritten.
    fn pins(&self, target: &Target) -> bool {
        let _ = target;
        false
    }
    fn usage(&self, target: &Target, body: &Json<'_>) -> Usage;
    /// How an answer of this media type is streamed; `None`: it is judged as a whole.
    fn framing(&self, target: &Target, media_type: &str) -> Option<Framing> {
        let _ = target;
        Framing::of(media_type)
    }
    /// Whether the provider speaks over a WebSocket at this target. If so, the messages of the client are read by
    /// [`Dialect::request`], each for itself, and those of the provider are the events of one [`Dialect::stream`] in
    /// [`Framing::Messages`]; both see that framing in `target.stream`.
    fn socket(&self, target: &Target) -> bool {
        let _ = target;
        false
    }
    /// The state that reads the events of one streamed answer.
    fn stream(&self, target: &Target, framing: Framing) -> Box<dyn StreamDialect>;
    /// An error in the provider's own shape, with headers that stop retries.
    fn error(&self, fault: Fault, refusal: &Refusal<'_>) -> Reply;
    /// A 200 answer that ends with the provider's filter stop reason (`block_style = "refusal"`).
    fn refusal(&self, target: &Target, refusal: &Refusal<'_>) -> Reply;
    /// The same as a stream.
    fn refusal_stream(&self, target: &Target, framing: Framing, refusal: &Refusal<'_>) -> Reply;
}

/// Which lane a text of a stream belongs to. Lanes are scanned apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneKey {
    /// `content`, `refusal`, `reasoning`, `arguments`, …, or the path of a leaf that no dialect names.
    pub kind: std::borrow::Cow<'static, str>,
    /// Choice, or content block index.
    pub index: u32,
    /// Tool call index within the choice; 0 otherwise.
    pub sub: u32,
}

impl LaneKey {
    pub fn new(kind: &'static str, index: u32, sub: u32) -> Self {
        Self { kind: kind.into(), index, sub }
    }

    /// Where the lane is, for records: `stream[0].content`.
    pub fn path(&self) -> String {
        match self.sub {
            0 => format!("stream[{}].{}", self.index, self.kind),
            sub => format!("stream[{}].{}[{sub}]", self.index, self.kind),
        }
    }
}

/// One text leaf of a stream event.
#[derive(Debug, Clone)]
pub struct StreamLeaf {
    /// The lane it continues; of a text that stands alone it says nothing.
    pub lane: LaneKey,
    pub channel: Channel,
    /// The lane's text is a fragment of JSON source (tool arguments): scanned unescaped, rewritten escaped.
    pub json_fragment: bool,
    /// The JSON string node in the event's data.
    pub node: NodeId,
}

/// A number of an event that counts into a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventOffset {
    pub of: Counted,
    /// The number in the event's data.
    pub node: NodeId,
    pub value: u64,
    pub unit: Unit,
    pub edge: Edge,
}

/// The text that a number of an event counts into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// One that stands alone in the same event.
    Text(NodeId),
    /// That of a lane, from the lane's beginning.
    Lane(LaneKey),
}

/// What one event means.
#[derive(Debug, Default)]
pub struct EventFacts {
    /// Text leaves that continue a lane.
    pub deltas: Vec<StreamLeaf>,
    /// Text that stands alone in this event (a whole tool result, a citation, an error message): scanned at once, as a whole.
    pub whole: Vec<StreamLeaf>,
    /// Base64 that stands alone in this event: scanned if it is text.
    pub payloads: Vec<StreamLeaf>,
    /// Tools that a server offers to models.
    pub described: Vec<Described>,
    /// Lanes that end with this event: nothing follows the text it may bring, so all of it is decided.
    pub ends: Vec<LaneKey>,
    /// Every lane ends with this event.
    pub ends_all: bool,
    pub usage: Usage,
    /// Values that repeat the event's text (log probabilities): they go when any text of the event is rewritten.
    pub copies: Vec<NodeId>,
    /// Numbers of the event that count into texts: they move when those are rewritten.
    pub offsets: Vec<EventOffset>,
    /// Signatures for the text of lanes that [`StreamDialect::signs`].
    pub signatures: Vec<(LaneKey, NodeId)>,
    /// What nobody can read: audio, images, provider state.
    pub uninspected: Vec<Uninspected>,
    pub backstop_leaves: u32,
    /// What the client knows once the event has been sent.
    pub marks: Marks,
}

impl EventFacts {
    /// Those of a terminator.
    pub fn last() -> Self {
        Self { ends_all: true, marks: Marks { ended: true, ..Marks::default() }, ..Self::default() }
    }

    /// Notes a value of the event that is not inspected.
    pub fn uninspected(&mut self, reason: Reason, channel: Channel, node: Node<'_, '_>) {
        let bytes = node.span().len() as u64;
        self.uninspected.push(Uninspected { reason, channel, bytes, path: node.path() });
    }
}

/// How far the client's side of a stream has come with one event. Events are read before they may be sent, and some never
/// are: a stream that is ended must close what the client has seen open, not what was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The answer has begun.
    pub started: bool,
    /// Choices or blocks that are open from here.
    pub opened: Vec<u64>,
    /// Choices or blocks that are closed from here.
    pub closed: Vec<u64>,
    /// The stream's proper terminator.
    pub ended: bool,
    /// The number of the event, where the provider numbers them.
    pub number: Option<u64>,
    /// The data is asked for once it has been sent, as the client has it ([`StreamDialect::kept`]).
    pub kept: bool,
}

/// Reads a provider's stream and writes its proper ends.
pub trait StreamDialect: Send {
    /// Reads one event. `name` is the framing's name of it (the SSE `event:` field), `data` the parsed payload (`None`: not
    /// JSON, such as `[DONE]`).
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts;
    /// Whether the provider signs the whole text of a lane.
    fn signs(&self, lane: &LaneKey) -> bool {
        let _ = lane;
        false
    }
    /// The event with these marks has been sent to the client.
    fn sent(&mut self, marks: &Marks);
    /// The data of an event that asked to be kept has been sent like this.
    fn kept(&mut self, data: &[u8]) {
        let _ = data;
    }
    /// Bytes that end the stream now with the filter stop reason and the provider's terminator, closing what is open.
    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8>;
    /// Bytes that report an error in the stream, by protocol, so that no SDK takes the end for success.
    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8>;
    /// Whether the stream's proper terminator was sent; of a session, whether no answer is under way.
    fn ended(&self) -> bool;
    /// Of a session: the message that tells the client that `message` of its own was not sent on. `None`: there is no such
    /// message, and the session is closed.
    fn refused(&mut self, refusal: &Refusal<'_>, message: Option<&Json<'_>>) -> Option<Vec<u8>> {
        let _ = (refusal, message);
        None
    }
    /// Of a session that outlives a blocked answer: what ends the answer on both sides. What is still to come of it is
    /// [withheld](Self::withholds). `None`: a block ends the session as it ends any stream.
    fn interrupt(&mut self, refusal: &Refusal<'_>) -> Option<Interruption> {
        let _ = refusal;
        None
    }
    /// Whether the event belongs to an answer that was interrupted.
    fn withholds(&mut self, data: &Json<'_>) -> bool {
        let _ = data;
        false
    }
}

/// What ends an answer in a session that goes on, as messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interruption {
    /// Tell the model to stop.
    pub upstream: Vec<Vec<u8>>,
    /// Tell the client why the answer ends, and that it has.
    pub client: Vec<Vec<u8>>,
    /// The lanes of the answer.
    pub over: Vec<LaneKey>,
}
