//! Streamed answers: `data: {chat.completion.chunk}` … `data: [DONE]`, and the events of endpoints for images and audio.

use super::parts::PLACE;
use super::request::REASONING;
use super::responses::stream::Events;
use super::threads::number;
use super::usage;
use crate::decode::Channel;
use crate::decode::json::{Json, Kind, Node};
use crate::decode::offset::Unit;
use crate::provider::{EventFacts, EventWalker, Fault, LaneKey, Marks, Read, Refusal, StreamDialect};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Reads chunks and writes the ends of a completion.
#[derive(Default)]
pub(super) struct ChatStream {
    shape: Shape,
    /// What chunks of the gateway's own repeat of the provider's: `id`, `created`, `model`, `system_fingerprint`.
    head: serde_json::Map<String, Value>,
    /// Choices the client has seen, and whether each has finished.
    choices: BTreeMap<u64, bool>,
    lanes: BTreeSet<LaneKey>,
    typed: Events,
    /// Events were read whose end is known.
    known: bool,
    ended: bool,
}

/// What the answer is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Shape {
    #[default]
    Chat,
    /// An address that the dialect does not know: like a chat, unless its events are others.
    Other,
    /// Legacy completions: `text` in place of a `delta`.
    Text,
    /// Events with a `type`. No reason of their end says that the answer was filtered.
    Typed,
}

/// How the types of events end that are the last of a stream: of images, of audio, of responses.
const LAST: &[&str] =
    &["_generation.completed", "_edit.completed", "transcript.text.done", "speech.audio.done", "response.completed"];

impl StreamDialect for ChatStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            // `[DONE]`, the only data that is not JSON
            return EventFacts::last();
        };
        let root = json.root();
        let mut walker = EventWalker::new(json);
        if root.get("choices").is_some() {
            self.known = true;
            self.remember(root);
            self.chunk(root, &mut walker);
        } else if let Some(kind) = root.get("type").and_then(Node::str) {
            // images and audio, and what speaks of a response at another address
            self.known |= kind.starts_with("response.");
            self.typed.read(&kind, root, &mut walker);
            walker.facts.marks.ended = LAST.iter().any(|last| kind.ends_with(last)) || kind == "error";
        }
        let mut facts = walker.finish();
        facts.usage = usage(root);
        facts.marks.ended |= root.get("error").is_some_and(|error| error.kind() != Kind::Null) || name == Some("error");
        facts.ends_all = facts.marks.ended;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        for choice in &marks.opened {
            self.choices.entry(*choice).or_insert(false);
        }
        for choice in &marks.closed {
            self.choices.insert(*choice, true);
        }
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        if self.shape == Shape::Typed {
            return self.failed(Fault::Policy, refusal);
        }
        let mut out = Vec::new();
        let open: Vec<u64> = self.choices.iter().filter(|(_, finished)| !**finished).map(|(index, _)| *index).collect();
        let open = if self.choices.is_empty() { vec![0] } else { open };
        for index in open {
            out.extend(self.own_chunk(refusal, index, None, Some("content_filter")));
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.ended = true;
        out
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let body = super::error_body(fault, refusal);
        self.ended = true;
        format!("data: {body}\n\n").into_bytes()
    }

    fn ended(&self) -> bool {
        // some compatibles say no more once every choice has its finish reason
        let finished = !self.choices.is_empty() && self.choices.values().all(|finished| *finished);
        // of events that nobody knows, a complete transfer is taken for the end
        self.ended || finished || self.shape == Shape::Other && !self.known
    }
}

impl ChatStream {
    pub(super) fn of(operation: &str) -> Self {
        let shape = match operation {
            "chat" | "chat_stored" => Shape::Chat,
            "other" => Shape::Other,
            "text_completion" => Shape::Text,
            _ => Shape::Typed,
        };
        Self { shape, ..Self::default() }
    }

    /// The first chunk of an answer of the gateway's own, with the message as its text.
    pub(super) fn open(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.choices.insert(0, false);
        self.own_chunk(refusal, 0, Some(refusal.message), None)
    }

    fn own_chunk(&self, refusal: &Refusal<'_>, index: u64, text: Option<&str>, finish: Option<&str>) -> Vec<u8> {
        let legacy = self.shape == Shape::Text;
        let mut chunk = self.head.clone();
        let fallback: [(&str, Value); 4] = [
            ("id", format!("chatcmpl-{}", refusal.id).into()),
            ("object", if legacy { "text_completion" } else { "chat.completion.chunk" }.into()),
            ("created", super::CREATED.into()),
            ("model", refusal.model.unwrap_or_default().into()),
        ];
        for (key, value) in fallback {
            chunk.entry(key).or_insert(value);
        }
        let mut choice = json!({ "index": index, "logprobs": null, "finish_reason": finish });
        match text {
            _ if legacy => choice["text"] = text.unwrap_or_default().into(),
            Some(text) => choice["delta"] = json!({ "role": "assistant", "content": text }),
            None => choice["delta"] = json!({}),
        }
        chunk.insert("choices".into(), json!([choice]));
        format!("data: {}\n\n", Value::Object(chunk)).into_bytes()
    }

    fn remember(&mut self, root: Node<'_, '_>) {
        if !self.head.is_empty() {
            return;
        }
        for key in ["id", "object", "created", "model", "system_fingerprint"] {
            if let Some(value) = root.get(key).and_then(|node| serde_json::from_slice(node.raw()).ok()) {
                self.head.insert(key.into(), value);
            }
        }
    }

    fn chunk<'j, 'b>(&mut self, root: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        for choice in root.each("choices").flat_map(Node::items) {
            let number = choice.get("index").and_then(Node::as_u64).unwrap_or(0);
            let index = u32::try_from(number).unwrap_or(u32::MAX);
            walker.facts.marks.opened.push(number);
            let mut lanes = Lanes { known: &mut self.lanes, index, walker: &mut *walker };
            // legacy completions stream `text` beside the choice
            lanes.texts(choice, "text", "text");
            choice.each("delta").for_each(|delta| lanes.delta(delta));
            for logprobs in choice.each("logprobs") {
                walker.event_copy(logprobs);
            }
            walker.read(choice, &[("token_ids", Channel::Response, Read::Unreadable)]);
            if choice.get("finish_reason").is_some_and(Node::is_string) {
                walker.facts.marks.closed.push(number);
                walker.facts.ends.extend(self.lanes.iter().filter(|lane| lane.index == index).cloned());
            }
        }
    }
}

/// The lanes of one choice, as a chunk continues them.
struct Lanes<'l, 'j, 'b> {
    known: &'l mut BTreeSet<LaneKey>,
    index: u32,
    walker: &'l mut EventWalker<'j, 'b>,
}

impl<'j, 'b> Lanes<'_, 'j, 'b> {
    fn delta(&mut self, delta: Node<'j, 'b>) {
        self.texts(delta, "content", CONTENT);
        self.texts(delta, "refusal", "refusal");
        for key in REASONING {
            self.texts(delta, key, "reasoning");
        }
        for part in delta.each("content").flat_map(Node::items) {
            self.texts(part, "text", CONTENT);
            self.texts(part, "thinking", "reasoning");
            // Mistral's reasoning is a list of parts in a part
            part.each("thinking").flat_map(Node::items).for_each(|inner| self.texts(inner, "text", "reasoning"));
        }
        for detail in delta.each("reasoning_details").flat_map(Node::items) {
            let sub = number(detail);
            for (key, kind) in [("text", "reasoning_text"), ("summary", "reasoning_summary")] {
                detail.each(key).for_each(|text| self.continues(kind, sub, Channel::Response, text));
            }
            detail.each("data").for_each(|data| self.walker.opaque(Channel::Response, data));
        }
        for call in delta.each("tool_calls").flat_map(Node::items) {
            let sub = number(call);
            for arguments in call.each("function").flat_map(|function| function.each("arguments")) {
                self.arguments(sub, arguments);
            }
            for input in call.each("custom").flat_map(|custom| custom.each("input")) {
                self.continues("input", sub, Channel::ToolCall, input);
            }
        }
        for arguments in delta.each("function_call").flat_map(|call| call.each("arguments")) {
            self.arguments(0, arguments);
        }
        for audio in delta.each("audio") {
            self.texts(audio, "transcript", "transcript");
            audio.each("data").for_each(|data| self.walker.unreadable(Channel::Response, data));
        }
        for annotation in delta.each("annotations").flat_map(Node::items) {
            let lane = LaneKey::new(CONTENT, self.index, 0);
            for inner in std::iter::once(annotation).chain(annotation.each("url_citation")) {
                self.walker.lane_offsets(&lane, inner, PLACE, Unit::CodePoints);
            }
        }
        // what else compatibles write beside the text comes in pieces as well, such as Snowflake's `content_list`
        for (_, other) in delta.entries().filter(|(key, _)| !key.is("annotations")) {
            self.known.extend(self.walker.unknown_deltas(other, self.index));
        }
    }

    /// Strings of the answer's text.
    fn texts(&mut self, object: Node<'j, 'b>, key: &str, kind: &'static str) {
        object.each(key).for_each(|node| self.continues(kind, 0, Channel::Response, node));
    }

    /// A fragment of JSON source; of some servers the whole of it as JSON.
    fn arguments(&mut self, sub: u32, arguments: Node<'j, 'b>) {
        match arguments.kind() {
            Kind::String => self.continues("arguments", sub, Channel::ToolCall, arguments),
            _ => self.walker.value(Channel::ToolCall, arguments),
        }
    }

    /// A string that continues a lane.
    fn continues(&mut self, kind: &'static str, sub: u32, channel: Channel, node: Node<'j, 'b>) {
        if node.is_string() {
            let lane = LaneKey::new(kind, self.index, sub);
            self.known.insert(lane.clone());
            self.walker.continues(lane, channel, kind == "arguments", node);
        }
    }
}

/// The lane of a choice's text.
const CONTENT: &str = "content";
