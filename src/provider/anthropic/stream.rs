//! Streamed answers: `message_start`, blocks with deltas, `message_delta`, `message_stop`.

use super::{error_body, error_kind, message, usage};
use crate::decode::Channel;
use crate::decode::json::{Json, Node, NodeId};
use crate::provider::{EventFacts, Fault, LaneKey, Marks, Refusal, StreamDialect, StreamLeaf, backstop};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};

/// Reads the events of one message and writes its ends.
#[derive(Default)]
pub(super) struct MessageStream {
    started: bool,
    open: BTreeSet<u64>,
    lanes: HashSet<LaneKey>,
    ended: bool,
}

/// What a delta of each type carries: the field, the lane, and whether it is a fragment of JSON source.
const DELTAS: &[(&str, &str, &str, bool)] = &[
    ("text_delta", "text", "text", false),
    ("thinking_delta", "thinking", "thinking", false),
    ("input_json_delta", "partial_json", "arguments", true),
];

impl StreamDialect for MessageStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let mut facts = EventFacts::default();
        let Some(json) = data else { return facts };
        let root = json.root();
        let kind = root.get("type").and_then(Node::str).map(|k| k.into_owned());
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let number = root.get("index").and_then(Node::as_u64).unwrap_or(0);
        let index = u32::try_from(number).unwrap_or(u32::MAX);
        let mut claimed = HashSet::new();
        match kind {
            "message_start" => {
                facts.marks.started = true;
                facts.usage = root.get("message").and_then(|m| m.get("usage")).map(usage).unwrap_or_default();
            }
            "content_block_start" => {
                facts.marks.opened.push(number);
                // a block may begin with text, which its deltas continue
                for block in root.each("content_block") {
                    for (lane, json_fragment) in [("text", false), ("thinking", false)] {
                        self.continues(block, lane, (lane, json_fragment), index, &mut facts, &mut claimed);
                    }
                }
            }
            "content_block_delta" => self.delta(root, index, &mut facts, &mut claimed),
            "content_block_stop" => {
                facts.marks.closed.push(number);
                facts.ends.extend(self.lanes.iter().filter(|lane| lane.index == index).cloned());
            }
            "message_delta" => {
                facts.usage = root.get("usage").map(usage).unwrap_or_default();
                facts.ends_all = true;
            }
            "message_stop" | "error" => {
                facts.marks.ended = true;
                facts.ends_all = true;
            }
            _ => {}
        }
        backstop::rest(root, &claimed, &mut facts);
        facts
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

    fn delta(&mut self, root: Node<'_, '_>, index: u32, facts: &mut EventFacts, claimed: &mut HashSet<NodeId>) {
        for delta in root.each("delta") {
            let kind = delta.get("type").and_then(Node::str).unwrap_or_default();
            let Some((_, field, lane, json_fragment)) = DELTAS.iter().find(|(name, ..)| *name == kind) else {
                continue;
            };
            self.continues(delta, field, (lane, *json_fragment), index, facts, claimed);
        }
    }

    /// A string that continues a lane.
    fn continues(
        &mut self,
        object: Node<'_, '_>,
        field: &str,
        (lane, json_fragment): (&'static str, bool),
        index: u32,
        facts: &mut EventFacts,
        claimed: &mut HashSet<NodeId>,
    ) {
        let key = LaneKey::new(lane, index, 0);
        let channel = if json_fragment { Channel::ToolCall } else { Channel::Response };
        for node in object.each(field).filter(|n| n.is_string()) {
            claimed.insert(node.id());
            self.lanes.insert(key.clone());
            facts.deltas.push(StreamLeaf { lane: key.clone(), channel, json_fragment, node: node.id() });
        }
    }
}
