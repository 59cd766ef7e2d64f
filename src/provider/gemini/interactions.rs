//! The Interactions API: steps of contents, and streams of what changes in each step.

use super::ends;
use super::events::{Lanes, Reading};
use super::fields::{each, fields, last, one_or_more};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::{EventFacts, Fault, LaneKey, Marks, Refusal, StreamDialect, Usage, Walk, Walker};
use serde_json::json;

/// Walks a request or an answer: an answer repeats its request.
pub(super) fn walk<'b>(json: &Json<'b>, rest: Channel) -> Walk<'b> {
    let mut walker = Walker::new(json);
    for (name, value) in fields(walker.root()) {
        match &*name {
            "input" => steps(&mut walker, Channel::Prompt, value),
            // until 2026 an answer was its contents
            "steps" | "outputs" => steps(&mut walker, Channel::Response, value),
            "systemInstruction" => {
                walker.text(Channel::System, value);
            }
            "tools" | "responseFormat" => walker.value(Channel::System, value),
            "labels" => walker.value(Channel::Prompt, value),
            "cachedContent" | "previousInteractionId" => walker.reference(Channel::Prompt, value),
            "continuationToken" => walker.opaque(Channel::Response, value),
            _ => {}
        }
    }
    walker.finish(rest)
}

/// A text, contents, or steps. What stands before the user's last step was sent in an earlier turn.
fn steps<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, list: Node<'j, 'b>) {
    let of_user = |step: &Node<'j, 'b>| step.get("type").is_some_and(|kind| kind.is("user_input"));
    let turn = one_or_more(list).filter(of_user).last().map(Node::id);
    walker.history = turn.is_some();
    for step in one_or_more(list) {
        walker.history &= Some(step.id()) != turn;
        walker.text(channel, step);
        self::step(walker, channel, step);
    }
    walker.history = false;
}

fn step<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, step: Node<'j, 'b>) {
    let channel = match step.get("type").and_then(Node::str).as_deref() {
        Some("user_input") => Channel::Prompt,
        Some("model_output" | "thought") => Channel::Response,
        _ => channel,
    };
    content(walker, channel, step);
    for (name, value) in fields(step) {
        match &*name {
            "content" | "summary" => one_or_more(value).for_each(|part| {
                walker.text(channel, part);
                content(walker, channel, part);
            }),
            "arguments" => walker.value(Channel::ToolCall, value),
            "result" => walker.value(Channel::ToolResult, value),
            "signature" => walker.opaque(channel, value),
            _ => {}
        }
    }
}

/// Text, or media by bytes or address.
fn content<'j, 'b>(walker: &mut Walker<'j, 'b>, channel: Channel, content: Node<'j, 'b>) {
    let media = if channel == Channel::Prompt { Channel::Upload } else { channel };
    for (name, value) in fields(content) {
        match &*name {
            "text" => {
                let Some(text) = walker.text(channel, value) else { continue };
                for annotation in each(content, "annotations").flat_map(one_or_more) {
                    walker.offsets(text, annotation, ["start_index", "end_index"], Unit::Bytes);
                }
            }
            "data" => walker.payload(media, value),
            "uri" => walker.url(media, value),
            _ => {}
        }
    }
}

/// `usage` of an interaction, in an answer or in an event that holds one.
pub(super) fn usage(root: Node<'_, '_>) -> Usage {
    let held = || last(root, "interaction").and_then(|interaction| last(interaction, "usage"));
    let Some(usage) = last(root, "usage").or_else(held) else { return Usage::default() };
    let count = |name| last(usage, name).and_then(Node::as_u64);
    let sum = |a: Option<u64>, b: Option<u64>| a.map(|a| a.saturating_add(b.unwrap_or(0)));
    Usage {
        input: sum(count("totalInputTokens"), count("totalToolUseTokens")),
        output: sum(count("totalOutputTokens"), count("totalThoughtTokens")),
        cached: count("totalCachedTokens"),
    }
}

/// Reads the events of one interaction.
#[derive(Default)]
pub(super) struct InteractionStream {
    lanes: Lanes,
    ended: bool,
}

impl StreamDialect for InteractionStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            // `[DONE]`
            let marks = Marks { ended: true, ..Marks::default() };
            return EventFacts { ends_all: true, marks, ..EventFacts::default() };
        };
        let root = json.root();
        let kind = last(root, "eventType").and_then(Node::str);
        let kind = kind.as_deref().or(name).unwrap_or_default();
        let index = last(root, "index").and_then(Node::as_u64).unwrap_or(0);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let mut reading = Reading::new(json, &mut self.lanes);
        reading.walker.facts.usage = usage(root);
        match kind {
            "step.start" => each(root, "step").for_each(|step| changes(&mut reading, step, index)),
            "step.delta" | "content.delta" => each(root, "delta").for_each(|delta| changes(&mut reading, delta, index)),
            "step.stop" | "content.stop" => {
                let ends = reading.lanes.of(index);
                reading.walker.facts.ends.extend(ends);
            }
            "interaction.completed" | "interaction.complete" | "error" => {
                reading.walker.facts.ends_all = true;
                reading.walker.facts.marks.ended = true;
            }
            _ => {}
        }
        reading.finish()
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        // no interaction says that it was filtered
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let (_, code) = ends::status(fault, refusal.status);
        let error = json!({ "code": code.to_ascii_lowercase(), "message": refusal.message });
        let mut out = b"event: error\r\n".to_vec();
        out.extend(ends::last(Framing::Sse, true, &json!({ "event_type": "error", "error": error })));
        out
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

/// A step as it begins, or what is added to it.
fn changes<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, change: Node<'j, 'b>, index: u32) {
    let kind = change.get("type").and_then(Node::str);
    let lane = match kind.as_deref() {
        Some("thought_summary" | "thought") => LaneKey::new("thought", index, 0),
        _ => LaneKey::new("text", index, 0),
    };
    adds(reading, change, &lane);
    for (name, value) in fields(change) {
        match &*name {
            "content" | "summary" => one_or_more(value).for_each(|content| adds(reading, content, &lane)),
            "arguments" if value.is_string() => {
                reading.json_continues(value, LaneKey::new("arguments", index, 0), Channel::ToolCall);
            }
            "arguments" => reading.walker.value(Channel::ToolCall, value),
            "result" => reading.walker.value(Channel::ToolResult, value),
            "signature" => reading.walker.opaque(Channel::Response, value),
            _ => {}
        }
    }
}

/// Text that goes on, or media.
fn adds<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, content: Node<'j, 'b>, lane: &LaneKey) {
    for (name, value) in fields(content) {
        match &*name {
            "text" => reading.continues(value, lane.clone(), Channel::Response),
            "data" => reading.walker.payload(Channel::Response, value),
            "annotations" => {
                for annotation in one_or_more(value) {
                    let keys = ["start_index", "end_index"];
                    reading.walker.lane_offsets(lane, annotation, keys, Unit::Bytes);
                }
            }
            _ => {}
        }
    }
}
