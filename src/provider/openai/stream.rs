//! Streamed answers: `data: {chat.completion.chunk}` … `data: [DONE]`, and by the way the events of the Responses API.

use super::usage;
use crate::decode::json::{Json, Kind, Node, NodeId};
use crate::decode::{Channel, Reason};
use crate::provider::{EventFacts, Fault, LaneKey, Marks, Refusal, StreamDialect, StreamLeaf, backstop};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};

/// Reads chunks and writes the ends of a chat completion.
#[derive(Default)]
pub(super) struct ChatStream {
    /// What chunks of the gateway's own repeat of the provider's: `id`, `created`, `model`, `system_fingerprint`.
    head: serde_json::Map<String, Value>,
    /// Choices the client has seen, and whether each has finished.
    choices: BTreeMap<u64, bool>,
    lanes: HashSet<LaneKey>,
    ended: bool,
}

impl StreamDialect for ChatStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let mut facts = EventFacts::default();
        let Some(json) = data else {
            // `[DONE]`, the only data that is not JSON
            facts.marks.ended = true;
            facts.ends_all = true;
            return facts;
        };
        let root = json.root();
        facts.usage = usage(root);
        let mut claimed: HashSet<NodeId> = HashSet::new();
        if root.get("choices").is_some() {
            self.remember(root);
            self.chunk(root, &mut facts, &mut claimed);
        } else if let Some(kind) = root.get("type").and_then(Node::str) {
            self.responses_event(&kind, root, &mut facts, &mut claimed);
        } else if root.get("error").is_some() || name == Some("error") {
            facts.marks.ended = true;
            facts.ends_all = true;
        }
        backstop::rest(root, &claimed, &mut facts);
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
        let mut out = Vec::new();
        let open: Vec<u64> = self.choices.iter().filter(|(_, finished)| !**finished).map(|(index, _)| *index).collect();
        let open = if self.choices.is_empty() { vec![0] } else { open };
        for index in open {
            out.extend(self.own_chunk(refusal, index, json!({}), Some("content_filter")));
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.ended = true;
        out
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let (_, kind, code) = super::error_kind(fault, refusal.status);
        let body = json!({ "error": { "message": refusal.message, "type": kind, "param": null, "code": code } });
        self.ended = true;
        format!("data: {body}\n\n").into_bytes()
    }

    fn ended(&self) -> bool {
        // some compatibles say no more once every choice has its finish reason
        self.ended || (!self.choices.is_empty() && self.choices.values().all(|finished| *finished))
    }
}

impl ChatStream {
    /// The first chunk of an answer of the gateway's own, with the message as its text.
    pub(super) fn open(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.choices.insert(0, false);
        self.own_chunk(refusal, 0, json!({ "role": "assistant", "content": refusal.message }), None)
    }

    fn own_chunk(&self, refusal: &Refusal<'_>, index: u64, delta: Value, finish: Option<&str>) -> Vec<u8> {
        let mut chunk = self.head.clone();
        let fallback: [(&str, Value); 4] = [
            ("id", format!("chatcmpl-{}", refusal.id).into()),
            ("object", "chat.completion.chunk".into()),
            ("created", super::CREATED.into()),
            ("model", refusal.model.unwrap_or_default().into()),
        ];
        for (key, value) in fallback {
            chunk.entry(key).or_insert(value);
        }
        let choice = json!({ "index": index, "delta": delta, "logprobs": null, "finish_reason": finish });
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

    fn chunk(&mut self, root: Node<'_, '_>, facts: &mut EventFacts, claimed: &mut HashSet<NodeId>) {
        for choice in root.each("choices").flat_map(Node::items) {
            let number = choice.get("index").and_then(Node::as_u64).unwrap_or(0);
            let index = u32::try_from(number).unwrap_or(u32::MAX);
            facts.marks.opened.push(number);
            // legacy completions stream `text` beside the choice
            self.lane(choice, "text", LaneKey::new("text", index, 0), Channel::Response, facts, claimed);
            for delta in choice.each("delta") {
                for (key, kind) in [
                    ("content", "content"),
                    ("refusal", "refusal"),
                    ("reasoning_content", "reasoning"),
                    ("reasoning", "reasoning"),
                ] {
                    self.lane(delta, key, LaneKey::new(kind, index, 0), Channel::Response, facts, claimed);
                }
                for call in delta.each("tool_calls").flat_map(Node::items) {
                    let sub = call.get("index").and_then(Node::as_u64).unwrap_or(0);
                    let sub = u32::try_from(sub).unwrap_or(u32::MAX);
                    for function in call.each("function") {
                        let key = LaneKey::new("arguments", index, sub);
                        self.lane(function, "arguments", key, Channel::ToolCall, facts, claimed);
                    }
                    for custom in call.each("custom") {
                        let key = LaneKey::new("input", index, sub);
                        self.lane(custom, "input", key, Channel::ToolCall, facts, claimed);
                    }
                }
                for call in delta.each("function_call") {
                    let key = LaneKey::new("arguments", index, 0);
                    self.lane(call, "arguments", key, Channel::ToolCall, facts, claimed);
                }
                for audio in delta.each("audio") {
                    let key = LaneKey::new("transcript", index, 0);
                    self.lane(audio, "transcript", key, Channel::Response, facts, claimed);
                    for data in audio.each("data") {
                        claimed.insert(data.id());
                        facts.uninspected(Reason::UnknownType, Channel::Response, data);
                    }
                }
            }
            for logprobs in choice.each("logprobs").filter(|l| l.kind() == Kind::Object) {
                facts.copies.push(logprobs.id());
                claimed.extend(logprobs.tree().map(|node| node.id()));
            }
            if choice.get("finish_reason").is_some_and(Node::is_string) {
                facts.marks.closed.push(number);
                facts.ends.extend(self.lanes.iter().filter(|lane| lane.index == index).cloned());
            }
        }
    }

    /// A string that continues a lane.
    fn lane(
        &mut self,
        object: Node<'_, '_>,
        field: &str,
        key: LaneKey,
        channel: Channel,
        facts: &mut EventFacts,
        claimed: &mut HashSet<NodeId>,
    ) {
        for node in object.each(field).filter(|n| n.is_string()) {
            claimed.insert(node.id());
            let json_fragment = key.kind == "arguments";
            self.lanes.insert(key.clone());
            facts.deltas.push(StreamLeaf { lane: key.clone(), channel, json_fragment, node: node.id() });
        }
    }

    /// Events of the Responses API: deltas of one part form a lane; what repeats them stands alone and is scanned whole.
    fn responses_event(
        &mut self,
        kind: &str,
        root: Node<'_, '_>,
        facts: &mut EventFacts,
        claimed: &mut HashSet<NodeId>,
    ) {
        let number = |key: &str| root.get(key).and_then(Node::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        if let Some(base) = kind.strip_suffix(".delta") {
            let sub = number("content_index").max(number("summary_index"));
            let lane = LaneKey { kind: base.to_owned().into(), index: number("output_index"), sub };
            let arguments = base.ends_with("arguments");
            let channel = if arguments || base.ends_with("input") { Channel::ToolCall } else { Channel::Response };
            for node in root.each("delta").filter(|n| n.is_string()) {
                claimed.insert(node.id());
                self.lanes.insert(lane.clone());
                facts.deltas.push(StreamLeaf {
                    lane: lane.clone(),
                    channel,
                    json_fragment: arguments,
                    node: node.id(),
                });
            }
            for logprobs in root.each("logprobs").filter(|l| l.kind() == Kind::Array) {
                facts.copies.push(logprobs.id());
                claimed.extend(logprobs.tree().map(|node| node.id()));
            }
        } else if let Some(base) = kind.strip_suffix(".done") {
            let index = number("output_index");
            facts.ends.extend(self.lanes.iter().filter(|l| l.index == index && l.kind == base).cloned());
        }
        const LAST: &[&str] =
            &["response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"];
        if LAST.contains(&kind) {
            facts.marks.ended = true;
            facts.ends_all = true;
        }
    }
}
