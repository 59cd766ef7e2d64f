//! Streamed answers of the Responses API: `event: response.output_text.delta` … `event: response.completed`, without `[DONE]`.
//!
//! The deltas of one part of one item form a lane. What repeats them (`.done`, the part, the item, the response) is read whole,
//! by the same walkers as an answer that is not streamed: the same text is judged the same way.

use super::refusal::{self, SoFar};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::openai::parts::{self, PLACE};
use crate::provider::openai::{error_kind, usage};
use crate::provider::{EventFacts, EventWalker, Fault, Field, LaneKey, Marks, Read, Refusal, StreamDialect};
use serde_json::json;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Reads events and writes the ends of a response.
#[derive(Default)]
pub(in crate::provider::openai) struct ResponsesStream {
    events: Events,
    so_far: SoFar,
    ended: bool,
}

/// The events that end a response.
const LAST: &[&str] = &["response.completed", "response.incomplete", "response.failed", "response.cancelled", "error"];

impl StreamDialect for ResponsesStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            // servers that speak Chat Completions as well may end with `[DONE]`
            return EventFacts { ends_all: true, ..EventFacts::default() };
        };
        let root = json.root();
        let mut walker = EventWalker::new(json);
        let kind = root.get("type").and_then(Node::str);
        let kind = kind.as_deref().or(name).unwrap_or_default();
        self.events.read(kind, root, &mut walker);
        let mut facts = walker.finish();
        facts.usage = usage(root);
        facts.marks.number = root.get("sequence_number").and_then(Node::as_u64);
        facts.marks.kept = SoFar::keeps(kind);
        if LAST.contains(&kind) || root.get("error").is_some_and(|error| error.entries().next().is_some()) {
            facts.marks.ended = true;
            facts.ends_all = true;
        }
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.so_far.number = self.so_far.number.max(marks.number);
        self.ended |= marks.ended;
    }

    fn kept(&mut self, data: &[u8]) {
        self.so_far.take(data);
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        std::mem::take(&mut self.so_far).end(refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        let (_, kind, code) = error_kind(fault, refusal.status);
        let message = refusal.message;
        // SDKs read the flat form, but raise an exception only for the object
        let error = json!({ "type": kind, "code": code, "message": message, "param": null });
        let number = self.so_far.number.map_or(0, |last| last + 1);
        let event = json!({ "type": "error", "code": code, "message": message, "param": null, "sequence_number": number,
            "error": error });
        self.ended = true;
        let mut out = Vec::new();
        refusal::event(&mut out, &event);
        out
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

/// Events named by their `type`, of responses and of the endpoints for images and audio: what of them is text.
#[derive(Default)]
pub(in crate::provider::openai) struct Events {
    lanes: BTreeSet<LaneKey>,
}

/// Lanes whose text is a fragment of JSON source.
const ARGUMENTS: &str = "arguments";
/// Lanes of what a tool is called with, by the end of their name.
const CALLS: &[&str] = &[ARGUMENTS, "input", "code", "command"];
/// Lanes that most streams have.
const LANES: &[&str] =
    &["output_text", "function_call_arguments", "reasoning_text", "reasoning_summary_text", "custom_tool_call_input"];
/// Audio and images, whatever the event.
const PAYLOADS: &[Field] = &[
    ("partial_image_b64", Channel::Response, Read::Payload),
    ("b64_json", Channel::Response, Read::Payload),
    ("audio", Channel::Response, Read::Unreadable),
];
/// Between the name of a lane and the output stream that it is of.
const STREAMS: &str = ":";
/// What repeats the deltas of a lane at its end.
const REPEATS: &[&str] = &["text", "refusal", "transcript", "input", "code", "command"];

impl Events {
    /// Reads one event.
    pub fn read<'j, 'b>(&mut self, kind: &str, root: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        let (base, step) = kind.rsplit_once('.').unwrap_or((kind, ""));
        let name = base.strip_prefix("response.").unwrap_or(base);
        let channel = match name {
            "shell_call_output_content" => Channel::ToolResult,
            _ if CALLS.iter().any(|call| name.ends_with(call)) => Channel::ToolCall,
            _ => Channel::Response,
        };
        match step {
            "delta" if name.ends_with("audio") => {
                root.each("delta").for_each(|audio| walker.unreadable(Channel::Response, audio));
            }
            "delta" => self.delta(name, channel, root, walker),
            "done" if root.get("delta").is_none() => self.done(name, channel, root, walker),
            _ => {}
        }
        walker.read(root, PAYLOADS);
        root.each("item").for_each(|item| super::item(walker, item, Channel::Response));
        root.each("part").for_each(|part| parts::part(walker, Channel::Response, part));
        root.each("response").for_each(|response| super::response(walker, response));
        for annotation in root.each("annotation") {
            walker.lane_offsets(&place("output_text", root), annotation, PLACE, Unit::CodePoints);
        }
    }

    fn delta<'j, 'b>(&mut self, name: &str, channel: Channel, root: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        let mut continues = |lane: LaneKey, node: Node<'j, 'b>| {
            let json_fragment = name.ends_with(ARGUMENTS);
            self.lanes.insert(lane.clone());
            walker.continues(lane, channel, json_fragment, node);
        };
        for delta in root.each("delta") {
            if delta.is_string() {
                continues(place(name, root), delta);
            }
            for output in ["stdout", "stderr"] {
                let lane = || LaneKey { kind: format!("{name}{STREAMS}{output}").into(), ..place(name, root) };
                delta.each(output).filter(|node| node.is_string()).for_each(|node| continues(lane(), node));
            }
        }
        for logprobs in root.each("logprobs") {
            walker.event_copy(logprobs);
        }
    }

    fn done<'j, 'b>(&mut self, name: &str, channel: Channel, root: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        let first = walker.segments();
        for key in REPEATS {
            walker.text_at(channel, root, key);
        }
        root.each(ARGUMENTS).for_each(|arguments| walker.json_text(Channel::ToolCall, arguments));
        for output in root.each("output").flat_map(Node::items) {
            walker.texts_at(channel, output, "stdout");
            walker.texts_at(channel, output, "stderr");
        }
        let repeated = first..walker.segments();
        for logprobs in root.each("logprobs") {
            walker.copy(repeated.clone(), logprobs);
        }
        let LaneKey { index, sub, .. } = place(name, root);
        let ends = |lane: &&LaneKey| match name {
            // with an item all of its parts end, with a part all of its texts
            "output_item" => lane.index == index,
            "content_part" => (lane.index, lane.sub) == (index, sub) && !lane.kind.starts_with("reasoning_summary"),
            _ => {
                (lane.index, lane.sub) == (index, sub)
                    && lane.kind.split_once(STREAMS).map_or(&*lane.kind, |(kind, _)| kind) == name
            }
        };
        walker.facts.ends.extend(self.lanes.iter().filter(ends).cloned());
        walker.facts.ends.iter().for_each(|lane| {
            self.lanes.remove(lane);
        });
    }
}

/// The lane of an event: its item, and its part in the item.
fn place(name: &str, root: Node<'_, '_>) -> LaneKey {
    let number = |key: &str| root.get(key).and_then(Node::as_u64).map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let sub = ["content_index", "summary_index", "command_index"].iter().find_map(|key| number(key));
    let known = LANES.iter().find(|lane| **lane == name);
    let kind = known.map_or_else(|| name.to_owned().into(), |lane| Cow::Borrowed(*lane));
    LaneKey { kind, index: number("output_index").unwrap_or(0), sub: sub.unwrap_or(0) }
}
