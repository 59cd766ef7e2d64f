//! What the events of streams have in common: parts of contents, as texts that go on and texts that stand alone.

use super::fields::{each, fields, last, one_or_more};
use super::parts::{Side, field};
use crate::decode::Channel;
use crate::decode::json::{Json, Node};
use crate::provider::{EventFacts, EventWalker, LaneKey};
use std::collections::BTreeSet;

/// Arguments that may be under way at once; what is beyond shares a lane.
const MOST_ARGUMENTS: usize = 64;

/// Lanes that are open in a stream.
#[derive(Default)]
pub(super) struct Lanes {
    open: BTreeSet<LaneKey>,
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
pub(super) struct Reading<'s, 'j, 'b> {
    pub walker: EventWalker<'j, 'b>,
    pub lanes: &'s mut Lanes,
}

impl<'s, 'j, 'b> Reading<'s, 'j, 'b> {
    pub(super) fn new(json: &'j Json<'b>, lanes: &'s mut Lanes) -> Self {
        Self { walker: EventWalker::new(json), lanes }
    }

    /// A text that goes on in later events.
    pub(super) fn continues(&mut self, node: Node<'j, 'b>, lane: LaneKey, channel: Channel) {
        self.delta(node, lane, channel, false);
    }

    /// JSON source that goes on in later events.
    pub(super) fn json_continues(&mut self, node: Node<'j, 'b>, lane: LaneKey, channel: Channel) {
        self.delta(node, lane, channel, true);
    }

    fn delta(&mut self, node: Node<'j, 'b>, lane: LaneKey, channel: Channel, json_fragment: bool) {
        if node.is_string() {
            self.lanes.open.insert(lane.clone());
            self.walker.continues(lane, channel, json_fragment, node);
        }
    }

    /// `parts[]` of a content. Text and thoughts are apart: each goes on where it left off.
    pub(super) fn parts(&mut self, content: Node<'j, 'b>, index: u32) {
        for part in each(content, "parts").flat_map(one_or_more) {
            let thought = last(part, "thought").and_then(Node::as_bool).unwrap_or(false);
            let kind = if thought { "thought" } else { "text" };
            for (name, node) in fields(part) {
                match &*name {
                    "text" => self.continues(node, LaneKey::new(kind, index, 0), Channel::Response),
                    "functionCall" => self.call(node, index),
                    name => field(&mut self.walker, Side::Answer, Channel::Response, name, node),
                }
            }
        }
    }

    /// A function's call: its arguments whole, or each by its path, a text of them in pieces while it `willContinue`.
    pub(super) fn call(&mut self, call: Node<'j, 'b>, index: u32) {
        each(call, "args").for_each(|args| self.walker.value(Channel::ToolCall, args));
        for argument in each(call, "partialArgs").flat_map(one_or_more) {
            let path = last(argument, "jsonPath").and_then(Node::str).unwrap_or_default();
            let goes_on = last(argument, "willContinue").and_then(Node::as_bool).unwrap_or(false);
            for text in each(argument, "stringValue") {
                let sub = self.lanes.argument(index, &path);
                let lane = LaneKey::new("arguments", index, sub);
                self.continues(text, lane.clone(), Channel::ToolCall);
                if !goes_on {
                    self.lanes.close_argument(sub);
                    self.walker.facts.ends.push(lane);
                }
            }
            each(argument, "numberValue").for_each(|number| self.walker.value(Channel::ToolCall, number));
        }
    }

    /// Ends the event; what was not read is the backstop's.
    pub(super) fn finish(self) -> EventFacts {
        self.walker.finish()
    }
}
