//! Collects the texts of one stream event while a dialect reads it, and gives what the dialect left to the backstop.

use super::walker::may_be_token;
use super::{Counted, EventFacts, EventOffset, LaneKey, StreamLeaf, backstop};
use crate::decode::json::{Json, Kind, Node, NodeId};
use crate::decode::offset::{Edge, Unit};
use crate::decode::{Channel, Reason};
use std::collections::HashSet;

/// An event being read. Every method claims the node it is given.
pub(super) struct EventWalker<'j, 'b> {
    json: &'j Json<'b>,
    claimed: HashSet<NodeId>,
    pub facts: EventFacts,
}

impl<'j, 'b> EventWalker<'j, 'b> {
    pub fn new(json: &'j Json<'b>) -> Self {
        Self { json, claimed: HashSet::new(), facts: EventFacts::default() }
    }

    pub fn root(&self) -> Node<'j, 'b> {
        self.json.root()
    }

    /// A string that continues the text of a lane.
    pub fn delta(&mut self, channel: Channel, lane: &LaneKey, node: Node<'j, 'b>) {
        self.push(channel, lane, false, node);
    }

    /// The text at a key that continues a lane, every duplicate of it.
    pub fn delta_at(&mut self, channel: Channel, lane: &LaneKey, object: Node<'j, 'b>, key: &str) {
        object.each(key).for_each(|node| self.delta(channel, lane, node));
    }

    /// A string that continues the JSON source of a lane: arguments of a tool that come in pieces.
    pub fn fragment(&mut self, lane: &LaneKey, node: Node<'j, 'b>) {
        self.push(Channel::ToolCall, lane, true, node);
    }

    fn push(&mut self, channel: Channel, lane: &LaneKey, json_fragment: bool, node: Node<'j, 'b>) {
        if node.is_string() {
            self.claimed.insert(node.id());
            let leaf = StreamLeaf { lane: lane.clone(), channel, json_fragment, node: node.id() };
            self.facts.deltas.push(leaf);
        }
    }

    /// A string that stands alone in its event.
    pub fn text(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if node.is_string() {
            self.alone(channel, false, node);
        }
    }

    /// The text at a key, every duplicate of it.
    pub fn text_at(&mut self, channel: Channel, object: Node<'j, 'b>, key: &str) {
        object.each(key).for_each(|node| self.text(channel, node));
    }

    /// A JSON value of the model's or a tool's own making, or a string with the source of one: all of it is text.
    pub fn value(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if !matches!(node.kind(), Kind::Null | Kind::Bool) {
            self.alone(channel, true, node);
        }
    }

    fn alone(&mut self, channel: Channel, json_fragment: bool, node: Node<'j, 'b>) {
        self.claimed.extend(node.tree().map(|node| node.id()));
        let lane = LaneKey { kind: node.path().into(), index: 0, sub: 0 };
        self.facts.whole.push(StreamLeaf { lane, channel, json_fragment, node: node.id() });
    }

    /// Base64 or a `data:` URI: scanned if it is text, else not inspected.
    pub fn payload(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if node.is_string() {
            self.claimed.insert(node.id());
            let lane = LaneKey { kind: node.path().into(), index: 0, sub: 0 };
            self.facts.payloads.push(StreamLeaf { lane, channel, json_fragment: false, node: node.id() });
        }
    }

    /// A string or a number that is not scanned, for a reason.
    pub fn uninspected(&mut self, reason: Reason, channel: Channel, node: Node<'j, 'b>) {
        if matches!(node.kind(), Kind::String | Kind::Number) {
            self.claimed.insert(node.id());
            self.facts.uninspected(reason, channel, node);
        }
    }

    /// The numbers at two keys that say where something in the text of a lane begins and ends.
    pub fn lane_offsets(&mut self, lane: &LaneKey, object: Node<'j, 'b>, keys: [&str; 2], unit: Unit) {
        for (key, edge) in keys.into_iter().zip([Edge::Start, Edge::End]) {
            for node in object.each(key) {
                let Some(value) = node.as_u64() else { continue };
                let of = Counted::Lane(lane.clone());
                self.facts.offsets.push(EventOffset { of, node: node.id(), value, unit, edge });
            }
        }
    }

    /// Token ids, audio, images: content no rule can read.
    pub fn unreadable(&mut self, channel: Channel, node: Node<'j, 'b>) {
        self.claimed.extend(node.tree().map(|node| node.id()));
        self.facts.uninspected(Reason::UnknownType, channel, node);
    }

    /// State that only the provider can read.
    pub fn opaque(&mut self, channel: Channel, node: Node<'j, 'b>) {
        if node.is_string() {
            self.claimed.insert(node.id());
            self.facts.uninspected(Reason::Opaque, channel, node);
        }
    }

    /// The provider's signature for the text of a lane.
    pub fn signature(&mut self, lane: &LaneKey, node: Node<'j, 'b>) {
        self.opaque(Channel::Response, node);
        self.facts.signatures.push((lane.clone(), node.id()));
    }

    /// A value that repeats text of the event, cut in tokens: it goes when any text of the event is rewritten. A long leaf is
    /// no token, and is left to the backstop.
    pub fn copy(&mut self, node: Node<'j, 'b>) {
        if matches!(node.kind(), Kind::Object | Kind::Array) {
            self.facts.copies.push(node.id());
            self.claimed.extend(node.tree().filter(|leaf| may_be_token(*leaf)).map(|leaf| leaf.id()));
        }
    }

    /// Gives what nobody claimed to the backstop and ends the walk.
    pub fn finish(mut self) -> EventFacts {
        backstop::rest(self.json.root(), &self.claimed, &mut self.facts);
        self.facts
    }

    /// As [`Self::finish`], where nobody knows which texts continue from event to event: all are taken to, each at its path.
    pub fn finish_as_deltas(mut self) -> EventFacts {
        let known = self.facts.whole.len();
        backstop::rest(self.json.root(), &self.claimed, &mut self.facts);
        for leaf in self.facts.whole.split_off(known) {
            let node = self.json.node(leaf.node);
            // a number or a key does not go on
            let goes_on = node.is_string() && !node.is_key();
            if goes_on { &mut self.facts.deltas } else { &mut self.facts.whole }.push(leaf);
        }
        self.facts
    }
}
