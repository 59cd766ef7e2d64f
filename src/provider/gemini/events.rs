//! What the events of streams have in common: parts of contents, as texts that go on and texts that stand alone.

use super::fields::{each, fields, last, one_or_more};
use crate::decode::json::{Kind, Node, NodeId};
use crate::decode::{Channel, Reason, Segment};
use crate::provider::{EventFacts, LaneKey, StreamLeaf, backstop};
use std::collections::HashSet;

/// Arguments that may be under way at once; what is beyond shares a lane.
const MOST_ARGUMENTS: usize = 64;

/// Lanes that are open in a stream.
#[derive(Default)]
pub(super) struct Lanes {
    open: HashSet<LaneKey>,
    /// Arguments of streamed calls that go on: candidate and path. The place in the list is the lane's number.
    arguments: Vec<Option<(u32, String)>>,
}

impl Lanes {
    /// The open lanes of a candidate.
    pub(super) fn of(&self, index: u32) -> impl Iterator<Item = LaneKey> {
        self.open.iter().filter(move |lane| lane.index == index).cloned()
    }

    /// The lane of an argument.
    fn argument(&mut self, index: u32, path: &str) -> u32 {
        let known =
            |slot: &Option<(u32, String)>| slot.as_ref().is_some_and(|(i, p)| (*i, p.as_str()) == (index, path));
        let free = |list: &[Option<_>]| list.iter().position(Option::is_none);
        let at = match self.arguments.iter().position(known).or_else(|| free(&self.arguments)) {
            Some(at) => at,
            None if self.arguments.len() < MOST_ARGUMENTS => {
                self.arguments.push(None);
                self.arguments.len() - 1
            }
            None => return MOST_ARGUMENTS as u32,
        };
        self.arguments[at] = Some((index, path.to_owned()));
        at as u32
    }

    fn close_argument(&mut self, lane: u32) {
        if let Some(slot) = self.arguments.get_mut(lane as usize) {
            *slot = None;
        }
    }
}

/// Reads one event.
pub(super) struct Reading<'s> {
    pub facts: EventFacts,
    pub lanes: &'s mut Lanes,
    claimed: HashSet<NodeId>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(lanes: &'s mut Lanes) -> Self {
        Self { facts: EventFacts::default(), lanes, claimed: HashSet::new() }
    }

    /// A text that goes on in later events.
    pub(super) fn continues(&mut self, node: Node<'_, '_>, lane: LaneKey, channel: Channel) {
        self.delta(node, lane, channel, false);
    }

    /// JSON source that goes on in later events.
    pub(super) fn json_continues(&mut self, node: Node<'_, '_>, lane: LaneKey, channel: Channel) {
        self.delta(node, lane, channel, true);
    }

    fn delta(&mut self, node: Node<'_, '_>, lane: LaneKey, channel: Channel, json_fragment: bool) {
        if node.is_string() {
            self.claimed.insert(node.id());
            self.lanes.open.insert(lane.clone());
            self.facts.deltas.push(StreamLeaf { lane, channel, json_fragment, node: node.id() });
        }
    }

    /// A text that stands alone.
    pub(super) fn alone(&mut self, node: Node<'_, '_>, channel: Channel) {
        if node.is_string() {
            self.leaf(node, channel, false);
        }
    }

    /// Every text below.
    pub(super) fn all_alone(&mut self, node: Node<'_, '_>, channel: Channel) {
        for leaf in node.tree().filter(|n| n.is_string() && !n.is_key() && !backstop::is_opaque(*n)) {
            self.leaf(leaf, channel, false);
        }
    }

    /// A JSON value of the caller's or the model's own making.
    pub(super) fn value(&mut self, node: Node<'_, '_>, channel: Channel) {
        if !matches!(node.kind(), Kind::Null | Kind::Bool) {
            self.leaf(node, channel, true);
        }
    }

    fn leaf(&mut self, node: Node<'_, '_>, channel: Channel, json_fragment: bool) {
        self.claimed.extend(node.tree().map(Node::id));
        let lane = LaneKey { kind: node.path().into(), index: 0, sub: 0 };
        self.facts.whole.push(StreamLeaf { lane, channel, json_fragment, node: node.id() });
    }

    /// A value that repeats the event's text.
    pub(super) fn copy(&mut self, node: Node<'_, '_>) {
        if matches!(node.kind(), Kind::Object | Kind::Array) {
            self.claimed.extend(node.tree().map(Node::id));
            self.facts.copies.push(node.id());
        }
    }

    /// Bytes in base64: what is text in them the backstop reads, the rest nobody does.
    pub(super) fn media(&mut self, blob: Node<'_, '_>) {
        for data in each(blob, "data").filter(|data| data.is_string()) {
            if let Err(reason) = Segment::base64(Channel::Response, data) {
                self.claimed.insert(data.id());
                self.facts.uninspected(reason, Channel::Response, data);
            }
        }
    }

    /// State of the provider's.
    pub(super) fn opaque(&mut self, node: Node<'_, '_>) {
        if node.is_string() {
            self.claimed.insert(node.id());
            self.facts.uninspected(Reason::Opaque, Channel::Response, node);
        }
    }

    /// `parts[]` of a content. Text and thoughts are apart: each goes on where it left off.
    pub(super) fn parts(&mut self, content: Node<'_, '_>, index: u32) {
        for part in each(content, "parts").flat_map(one_or_more) {
            let thought = last(part, "thought").and_then(Node::as_bool).unwrap_or(false);
            for (name, node) in fields(part) {
                match &*name {
                    "text" => {
                        let kind = if thought { "thought" } else { "text" };
                        self.continues(node, LaneKey::new(kind, index, 0), Channel::Response);
                    }
                    "thoughtSignature" => self.opaque(node),
                    "inlineData" => self.media(node),
                    "functionCall" => self.call(node, index),
                    "functionResponse" | "toolResponse" => {
                        each(node, "response").for_each(|node| self.value(node, Channel::ToolResult));
                    }
                    "toolCall" => each(node, "args").for_each(|node| self.value(node, Channel::ToolCall)),
                    "executableCode" => each(node, "code").for_each(|node| self.alone(node, Channel::ToolCall)),
                    "codeExecutionResult" => {
                        each(node, "output").for_each(|node| self.alone(node, Channel::ToolResult));
                    }
                    _ => {}
                }
            }
        }
    }

    /// A function's call: its arguments whole, or each by its path, a text of them in pieces while it `willContinue`.
    pub(super) fn call(&mut self, call: Node<'_, '_>, index: u32) {
        each(call, "args").for_each(|args| self.value(args, Channel::ToolCall));
        for argument in each(call, "partialArgs").flat_map(one_or_more) {
            let path = last(argument, "jsonPath").and_then(Node::str).unwrap_or_default();
            let goes_on = last(argument, "willContinue").and_then(Node::as_bool).unwrap_or(false);
            for text in each(argument, "stringValue") {
                let sub = self.lanes.argument(index, &path);
                let lane = LaneKey::new("arguments", index, sub);
                self.continues(text, lane.clone(), Channel::ToolCall);
                if !goes_on {
                    self.lanes.close_argument(sub);
                    self.facts.ends.push(lane);
                }
            }
            each(argument, "numberValue").for_each(|number| self.value(number, Channel::ToolCall));
        }
    }

    /// Gives what is left to the backstop.
    pub(super) fn finish(mut self, root: Node<'_, '_>) -> EventFacts {
        backstop::rest(root, &self.claimed, &mut self.facts);
        self.facts
    }
}
