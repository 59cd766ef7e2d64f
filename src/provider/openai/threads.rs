//! Streamed runs of the Assistants API: `event: thread.message.delta` … `event: done`.
//!
//! The deltas of one part of a message form a lane, as do those of one call of a step; the message and the step repeat them.

use super::parts::{self, PLACE};
use super::request::message;
use super::usage;
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::Read::{Json as Any, Reference, Text};
use crate::provider::{EventFacts, EventWalker, Fault, Field, LaneKey, Marks, Refusal, StreamDialect};
use std::collections::BTreeSet;

#[derive(Default)]
pub(super) struct ThreadStream {
    lanes: BTreeSet<LaneKey>,
    ended: bool,
}

/// Lanes of messages and of what steps call.
const MESSAGE: &str = "message";
/// The lanes of a step's calls: where their text stands, its lane, its channel, and whether it is a fragment of JSON.
const CALLS: &[(&str, &str, &str, Channel, bool)] = &[
    ("function", "arguments", "arguments", Channel::ToolCall, true),
    ("function", "output", "output", Channel::ToolResult, false),
    ("code_interpreter", "input", "input", Channel::ToolCall, false),
];

/// What a step holds, whole.
pub(super) const STEP: &[Field] = &[
    ("step_details.tool_calls[].function.arguments", Channel::ToolCall, Any),
    ("step_details.tool_calls[].function.output", Channel::ToolResult, Text),
    ("step_details.tool_calls[].code_interpreter.input", Channel::ToolCall, Text),
    ("step_details.tool_calls[].code_interpreter.outputs[].logs", Channel::ToolResult, Text),
    ("step_details.tool_calls[].code_interpreter.outputs[].image.file_id", Channel::ToolResult, Reference),
    ("step_details.tool_calls[].file_search.results[].content[].text", Channel::ToolResult, Text),
];

impl StreamDialect for ThreadStream {
    fn event(&mut self, name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else { return EventFacts::last() };
        let root = json.root();
        let mut walker = EventWalker::new(json);
        for delta in root.each("delta") {
            delta.each("content").flat_map(Node::items).for_each(|part| self.part(part, &mut walker));
            let calls = delta.each("step_details").flat_map(|details| details.each("tool_calls"));
            calls.flat_map(Node::items).for_each(|call| self.call(call, &mut walker));
        }
        let is = |key: &str, text: &str| root.get(key).is_some_and(|node| node.is(text));
        if is("object", "thread.message") {
            message(&mut walker, root, Channel::Response);
        }
        walker.read(root, STEP);
        walker.read(root, &[("instructions", Channel::System, Text), ("last_error.message", Channel::Response, Text)]);
        let mut facts = walker.finish();
        if !is("status", "in_progress") {
            let whole = [("thread.message", true), ("thread.run.step", false)];
            for (_, of_message) in whole.into_iter().filter(|(object, _)| is("object", object)) {
                facts.ends.extend(self.lanes.iter().filter(|lane| (lane.kind == MESSAGE) == of_message).cloned());
            }
        }
        facts.usage = usage(root);
        facts.marks.ended = name == Some("error");
        facts.ends_all = facts.marks.ended;
        facts
    }

    fn sent(&mut self, marks: &Marks) {
        self.ended |= marks.ended;
    }

    /// No reason of a run's end says that its answer was filtered.
    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        self.failed(Fault::Policy, refusal)
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        self.ended = true;
        let body = super::error_body(fault, refusal);
        format!("event: error\ndata: {body}\n\n").into_bytes()
    }

    fn ended(&self) -> bool {
        self.ended
    }
}

impl ThreadStream {
    fn part<'j, 'b>(&mut self, part: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        let lane = LaneKey::new(MESSAGE, number(part), 0);
        for text in part.each("text") {
            for value in text.each("value") {
                self.continues(&lane, Channel::Response, false, value, walker);
            }
            for annotation in text.each("annotations").flat_map(Node::items) {
                walker.lane_offsets(&lane, annotation, PLACE, Unit::CodePoints);
            }
        }
        if part.get("text").is_none() {
            parts::part(walker, Channel::Response, part);
        }
    }

    fn call<'j, 'b>(&mut self, call: Node<'j, 'b>, walker: &mut EventWalker<'j, 'b>) {
        for (tool, key, kind, channel, json_fragment) in CALLS {
            let lane = LaneKey::new(kind, number(call), 0);
            for text in call.each(tool).flat_map(|tool| tool.each(key)) {
                self.continues(&lane, *channel, *json_fragment, text, walker);
            }
        }
        for output in call.each("code_interpreter").flat_map(|of| of.each("outputs")).flat_map(Node::items) {
            let lane = LaneKey::new("logs", number(call), number(output));
            for logs in output.each("logs") {
                self.continues(&lane, Channel::ToolResult, false, logs, walker);
            }
        }
    }

    /// A string that continues a lane.
    fn continues<'j, 'b>(
        &mut self,
        lane: &LaneKey,
        channel: Channel,
        json_fragment: bool,
        node: Node<'j, 'b>,
        walker: &mut EventWalker<'j, 'b>,
    ) {
        if node.is_string() {
            self.lanes.insert(lane.clone());
            walker.continues(lane.clone(), channel, json_fragment, node);
        }
    }
}

/// The `index` of a part of a delta.
pub(super) fn number(part: Node<'_, '_>) -> u32 {
    part.get("index").and_then(Node::as_u64).map_or(0, |index| u32::try_from(index).unwrap_or(u32::MAX))
}
