//! Streamed answers: `message_start`, blocks with deltas, `message_delta`, `message_stop`.

use super::blocks::{self, Side};
use super::{completion, error_body, error_kind, message, usage};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::{EventFacts, EventWalker, Fault, LaneKey, Marks, Refusal, StreamDialect};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Reads the events of one message and writes its ends.
#[derive(Default)]
pub(super) struct MessageStream {
    started: bool,
    open: BTreeSet<u64>,
    lanes: BTreeSet<LaneKey>,
    ended: bool,
}

/// What a delta of each type carries: the field, the lane, and whether it is a fragment of JSON source.
const DELTAS: &[(&str, &str, &str, bool)] = &[
    ("text_delta", "text", "text", false),
    ("thinking_delta", "thinking", "thinking", false),
    ("input_json_delta", "partial_json", "arguments", true),
    ("compaction_delta", "content", "compaction", false),
];

/// Texts with which a block of each type may begin, and which its deltas continue: the field and the lane.
const BEGINNINGS: &[(&str, &str, &str)] =
    &[("text", "text", "text"), ("thinking", "thinking", "thinking"), ("compaction", "content", "compaction")];

impl StreamDialect for MessageStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let kind = root.get("type").and_then(Node::str).map(|k| k.into_owned());
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let number = root.get("index").and_then(Node::as_u64).unwrap_or(0);
        let index = u32::try_from(number).unwrap_or(u32::MAX);
        match kind {
            "message_start" => {
                walker.facts.marks.started = true;
                walker.facts.usage = root.get("message").and_then(|m| m.get("usage")).map(usage).unwrap_or_default();
            }
            "content_block_start" => {
                walker.facts.marks.opened.push(number);
                for block in root.each("content_block") {
                    self.begin(block, index, &mut walker);
                }
            }
            "content_block_delta" => {
                for delta in root.each("delta") {
                    self.delta(delta, index, &mut walker);
                }
            }
            "content_block_stop" => {
                walker.facts.marks.closed.push(number);
                walker.facts.ends.extend(self.lanes.iter().filter(|lane| lane.index == index).cloned());
            }
            "message_delta" => {
                walker.facts.usage = root.get("usage").map(usage).unwrap_or_default();
                walker.facts.ends_all = true;
            }
            "message_stop" | "error" => {
                walker.facts.marks.ended = true;
                walker.facts.ends_all = true;
            }
            _ => {}
        }
        walker.finish()
    }

    fn signs(&self, lane: &LaneKey) -> bool {
        matches!(&*lane.kind, "thinking" | "compaction")
    }

    fn sent(&mut self, marks: &Marks) {
        self.started |= marks.started;
        self.open.extend(&marks.opened);
        for block in &marks.closed {
            self.open.remove(block);
        }
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.started {
            event(&mut out, &json!({ "type": "message_start", "message": message(refusal) }));
        }
        for index in std::mem::take(&mut self.open) {
            event(&mut out, &json!({ "type": "content_block_stop", "index": index }));
        }
        let delta = json!({ "stop_reason": "refusal", "stop_sequence": null });
        event(&mut out, &json!({ "type": "message_delta", "delta": delta, "usage": { "output_tokens": 0 } }));
        event(&mut out, &json!({ "type": "message_stop" }));
        self.ended = true;
        out
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let (_, kind) = error_kind(fault, refusal.status);
        let mut out = Vec::new();
        event(&mut out, &error_body(kind, refusal));
        self.ended = true;
        out
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

/// One event, named as the SDKs need it.
fn event(out: &mut Vec<u8>, data: &Value) {
    let name = data["type"].as_str().expect("every event has a type");
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

impl MessageStream {
    /// The beginning of an answer of the gateway's own, with the message as its text.
    pub(super) fn open(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.started = true;
        self.open.insert(0);
        event(&mut out, &json!({ "type": "message_start", "message": message(refusal) }));
        let block = json!({ "type": "text", "text": "" });
        event(&mut out, &json!({ "type": "content_block_start", "index": 0, "content_block": block }));
        let delta = json!({ "type": "text_delta", "text": refusal.message });
        event(&mut out, &json!({ "type": "content_block_delta", "index": 0, "delta": delta }));
        out
    }

    /// A block begins: with a text that goes on, or as a whole.
    fn begin<'j, 'b>(&mut self, block: Node<'j, 'b>, index: u32, walker: &mut EventWalker<'j, 'b>) {
        let kind = block.get("type").and_then(Node::str).unwrap_or_default();
        let Some((_, field, lane)) = BEGINNINGS.iter().find(|(name, ..)| *name == kind) else {
            return blocks::block(walker, Side::Answer, Channel::Response, block);
        };
        let lane = LaneKey::new(lane, index, 0);
        block.each(field).for_each(|text| self.continues(lane.clone(), false, text, walker));
        for citation in block.each("citations").flat_map(Node::items) {
            blocks::citation(walker, Channel::Response, citation);
        }
        walker.facts.signatures.extend(block.each("signature").map(|signature| (lane.clone(), signature.id())));
    }

    fn delta<'j, 'b>(&mut self, delta: Node<'j, 'b>, index: u32, walker: &mut EventWalker<'j, 'b>) {
        let kind = delta.get("type").and_then(Node::str).unwrap_or_default();
        match (&*kind, DELTAS.iter().find(|(name, ..)| *name == kind)) {
            (_, Some((_, field, lane, fragment))) => {
                let lane = LaneKey::new(lane, index, 0);
                delta.each(field).for_each(|text| self.continues(lane.clone(), *fragment, text, walker));
            }
            ("signature_delta", _) => {
                let lanes = ["thinking", "compaction"].map(|lane| LaneKey::new(lane, index, 0));
                for signature in delta.each("signature") {
                    walker.facts.signatures.extend(lanes.iter().map(|lane| (lane.clone(), signature.id())));
                }
            }
            ("citations_delta", _) => {
                delta.each("citation").for_each(|citation| blocks::citation(walker, Channel::Response, citation));
            }
            // of a delta that nobody knows yet, any text may go on
            _ => self.lanes.extend(walker.unknown_deltas(delta, index)),
        }
    }

    /// A string that continues a lane.
    fn continues<'j, 'b>(
        &mut self,
        lane: LaneKey,
        json_fragment: bool,
        text: Node<'j, 'b>,
        walker: &mut EventWalker<'j, 'b>,
    ) {
        if !text.is_string() {
            return;
        }
        let channel = if json_fragment { Channel::ToolCall } else { Channel::Response };
        self.lanes.insert(lane.clone());
        walker.continues(lane, channel, json_fragment, text);
    }
}

/// Reads the events of the older API: each `completion` continues the text.
#[derive(Default)]
pub(super) struct CompletionStream {
    ended: bool,
}

impl CompletionStream {
    /// The last event of an answer of the gateway's own, with the message as its text.
    pub(super) fn end(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let mut out = Vec::new();
        event(&mut out, &completion(refusal));
        out
    }
}

impl StreamDialect for CompletionStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::default() };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        walker.delta_at(Channel::Response, &LaneKey::new("text", 0, 0), root, "completion");
        let last = root.get("stop_reason").is_some_and(Node::is_string) || name == Some("error");
        walker.facts.ends_all = last;
        walker.facts.marks.ended = last;
        walker.finish()
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.end(&Refusal { message: "", ..refusal.clone() })
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let (_, kind) = error_kind(fault, refusal.status);
        let mut out = Vec::new();
        event(&mut out, &error_body(kind, refusal));
        out
    }

    fn ended(&self) -> bool {
        self.ended
    }
}
