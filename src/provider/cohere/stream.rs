//! Streamed answers: the events of chat v2, and the lines (or events) of chat and generate v1.

use super::{FILTERED, usage};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::{EventFacts, EventWalker, Fault, LaneKey, Marks, Refusal, StreamDialect};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Reads the events of chat v2 and writes its ends.
#[derive(Default)]
pub(super) struct ChatStream {
    started: bool,
    /// Content blocks the client has seen open.
    open: BTreeSet<u64>,
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
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let kind = root.get("type").and_then(Node::str).map(|kind| kind.into_owned());
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let number = root.get("index").and_then(Node::as_u64).unwrap_or(0);
        let index = u32::try_from(number).unwrap_or(u32::MAX);
        let lane = |kind| LaneKey::new(kind, index, 0);
        for message in root.each("delta").flat_map(|delta| delta.each("message")) {
            for content in message.each("content") {
                for key in ["text", "thinking"] {
                    walker.delta_at(Channel::Response, &lane(key), content, key);
                }
            }
            walker.delta_at(Channel::Response, &lane("tool_plan"), message, "tool_plan");
            for function in message.each("tool_calls").flat_map(|call| call.each("function")) {
                function.each("arguments").for_each(|arguments| walker.fragment(&lane("arguments"), arguments));
            }
            for citation in message.each("citations") {
                let content = citation.get("content_index").and_then(Node::as_u64).unwrap_or(0);
                let lane = LaneKey::new("text", u32::try_from(content).unwrap_or(u32::MAX), 0);
                self::citation(&mut walker, &lane, citation);
            }
        }
        root.each("logprobs").for_each(|logprobs| walker.event_copy(logprobs));
        let mut facts = walker.finish();
        facts.usage = root.get("delta").map(usage).unwrap_or_default();
        match kind {
            "message-start" => facts.marks.started = true,
            "content-start" => facts.marks.opened.push(number),
            "content-end" => {
                facts.marks.closed.push(number);
                facts.ends = vec![lane("text"), lane("thinking")];
            }
            "tool-call-start" => facts.ends = vec![LaneKey::new("tool_plan", 0, 0)],
            "tool-call-end" => facts.ends = vec![lane("arguments")],
            // `[DONE]` does not always follow
            "message-end" => {
                facts.ends_all = true;
                facts.marks.ended = true;
            }
            _ => {}
        }
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.started |= marks.started;
        self.open.extend(&marks.opened);
        marks.closed.iter().for_each(|block| {
            self.open.remove(block);
        });
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.end(refusal, json!({ "finish_reason": FILTERED }))
    }

    fn failed(&mut self, _fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.end(refusal, json!({ "finish_reason": "ERROR", "error": refusal.message }))
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

impl ChatStream {
    /// A whole stream of the gateway's own, with the message as its text.
    pub(super) fn refusal(mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        self.start(refusal, &mut out);
        let content = json!({ "type": "text", "text": "" });
        event(
            &mut out,
            &json!({ "type": "content-start", "index": 0, "delta": { "message": { "content": content } } }),
        );
        let content = json!({ "text": refusal.message });
        event(
            &mut out,
            &json!({ "type": "content-delta", "index": 0, "delta": { "message": { "content": content } } }),
        );
        self.open.insert(0);
        out.extend(self.blocked(refusal));
        out
    }

    fn start(&mut self, refusal: &Refusal<'_>, out: &mut Vec<u8>) {
        let message = json!({ "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [] });
        event(out, &json!({ "type": "message-start", "id": refusal.id, "delta": { "message": message } }));
        self.started = true;
    }

    fn end(&mut self, refusal: &Refusal<'_>, delta: Value) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.started {
            self.start(refusal, &mut out);
        }
        for index in std::mem::take(&mut self.open) {
            event(&mut out, &json!({ "type": "content-end", "index": index }));
        }
        event(&mut out, &json!({ "type": "message-end", "delta": delta }));
        out.extend_from_slice(b"data: [DONE]\n\n");
        self.ended = true;
        out
    }
}

/// What is cited stands in the event again, with its place in the text of a lane.
fn citation<'j, 'b>(walker: &mut EventWalker<'j, 'b>, lane: &LaneKey, citation: Node<'j, 'b>) {
    walker.text_at(Channel::Response, citation, "text");
    citation.each("sources").for_each(|sources| walker.value(Channel::Response, sources));
    walker.lane_offsets(lane, citation, ["start", "end"], Unit::CodePoints);
}

/// One event, named as the SDK needs it.
fn event(out: &mut Vec<u8>, data: &Value) {
    let name = data["type"].as_str().unwrap_or_default();
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

/// Reads what v1 streams: an object with `event_type` a line, of which the last repeats the whole answer.
pub(super) struct LineStream {
    framing: Framing,
    ended: bool,
}

impl LineStream {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, ended: false }
    }

    /// A whole stream of the gateway's own, with the message as its text.
    pub(super) fn refusal(mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        let text = json!({ "event_type": "text-generation", "text": refusal.message, "is_finished": false });
        let mut out = self.written(&text);
        out.extend(self.blocked(refusal));
        out
    }

    fn written(&self, object: &Value) -> Vec<u8> {
        match self.framing {
            Framing::Sse => format!("data: {object}\n\n").into_bytes(),
            _ => format!("{object}\n").into_bytes(),
        }
    }
}

impl StreamDialect for LineStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let mut facts = EventFacts::default();
        let Some(json) = data else {
            facts.marks.ended = true;
            facts.ends_all = true;
            return facts;
        };
        let mut walker = EventWalker::new(json);
        let root = walker.root();
        let lane = LaneKey::new("text", 0, 0);
        walker.delta_at(Channel::Response, &lane, root, "text");
        for citation in root.each("citations").flat_map(Node::items) {
            self::citation(&mut walker, &lane, citation);
        }
        for call in root.each("tool_call_delta") {
            walker.delta_at(Channel::Response, &LaneKey::new("tool_plan", 0, 0), call, "text");
            let index = call.get("index").and_then(Node::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
            let parameters = call.each("parameters").filter(|parameters| parameters.is_string());
            parameters.for_each(|node| walker.fragment(&LaneKey::new("parameters", index, 0), node));
        }
        let mut facts = walker.finish();
        facts.usage = root.get("response").map(usage).unwrap_or_default();
        facts.ends_all = root.get("is_finished").and_then(Node::as_bool) == Some(true);
        facts.marks.ended = facts.ends_all;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let answer = json!({
            "response_id": refusal.id, "generation_id": refusal.id, "text": refusal.message,
            "finish_reason": FILTERED, "chat_history": [],
        });
        self.written(&json!({
            "event_type": "stream-end", "is_finished": true, "finish_reason": FILTERED, "response": answer,
        }))
    }

    fn failed(&mut self, _fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.blocked(refusal)
    }

    fn ended(&self) -> bool {
        self.ended
    }
}
