//! Collects the texts of one stream event while a dialect reads it: those that continue a lane, and those that stand alone.

use super::{Noted, Read, Walker};
use crate::decode::json::{Json, Node};
use crate::decode::offset::{Edge, Unit};
use crate::decode::{Channel, Reason, Segment};
use crate::provider::{Counted, EventFacts, EventOffset, LaneKey, StreamLeaf, backstop};
use std::ops::{Deref, DerefMut};

/// An event being read. What the methods of [`Walker`] claim stands alone in the event.
pub struct EventWalker<'j, 'b> {
    walker: Walker<'j, 'b>,
    pub facts: EventFacts,
}

impl<'j, 'b> EventWalker<'j, 'b> {
    #[inline]
    pub fn new(json: &'j Json<'b>) -> Self {
        Self { walker: Walker::noting(json), facts: EventFacts::default() }
    }

    /// A string that continues a lane; `json_fragment` if the lane is JSON source. Other kinds are left to the backstop.
    pub fn continues(&mut self, lane: LaneKey, channel: Channel, json_fragment: bool, node: Node<'j, 'b>) {
        if node.is_string() {
            self.claims.claim(node);
            self.facts.deltas.push(StreamLeaf { lane, channel, json_fragment, node: node.id() });
        }
    }

    /// A string that continues the text of a lane.
    pub fn delta(&mut self, channel: Channel, lane: &LaneKey, node: Node<'j, 'b>) {
        self.continues(lane.clone(), channel, false, node);
    }

    /// The text at a key that continues a lane, every duplicate of it.
    pub fn delta_at(&mut self, channel: Channel, lane: &LaneKey, object: Node<'j, 'b>, key: &str) {
        object.each(key).for_each(|node| self.delta(channel, lane, node));
    }

    /// A string that continues the JSON source of a lane: arguments of a tool that come in pieces.
    pub fn fragment(&mut self, lane: &LaneKey, node: Node<'j, 'b>) {
        self.continues(lane.clone(), Channel::ToolCall, true, node);
    }

    /// Strings below `node` that nobody claimed, where texts come in pieces that nobody knows the fields of: each continues a
    /// lane of its place. Returns the lanes.
    pub fn unknown_deltas(&mut self, node: Node<'j, 'b>, index: u32) -> Vec<LaneKey> {
        let mut lanes = Vec::new();
        for leaf in node.tree().filter(|leaf| leaf.is_string() && !leaf.is_key()) {
            if self.claims.contains(leaf) || backstop::Leaf::of(leaf) != backstop::Leaf::Text {
                continue;
            }
            let lane = LaneKey { kind: leaf.path().into(), index, sub: 0 };
            self.delta(Channel::Response, &lane, leaf);
            self.facts.backstop_leaves += 1;
            lanes.push(lane);
        }
        lanes
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

    /// The provider's signature for the text of a lane.
    pub fn signature(&mut self, lane: &LaneKey, node: Node<'j, 'b>) {
        self.opaque(Channel::Response, node);
        self.facts.signatures.push((lane.clone(), node.id()));
    }

    /// Gives what nobody claimed to the backstop and ends the walk.
    #[inline]
    pub fn finish(self) -> EventFacts {
        self.end(false)
    }

    /// As [`Self::finish`], where nobody knows which texts continue from event to event: all are taken to, each at its path.
    pub fn finish_as_deltas(self) -> EventFacts {
        self.end(true)
    }

    fn end(self, rest_goes_on: bool) -> EventFacts {
        let Self { mut walker, mut facts } = self;
        let known = walker.segments();
        walker.rest(Channel::Response, |walker, leaf| {
            // in an event that nobody knows, this is the field of a call
            let arguments = leaf.key().is_some_and(|key| key.is("arguments"));
            let channel = if arguments { Channel::ToolCall } else { Channel::Response };
            let read = if arguments || !leaf.is_string() { Read::Json } else { Read::Text };
            walker.add(channel, leaf, read, || Segment::string(channel, leaf));
        });
        let Walker { json, walk, noted, copies, offsets, .. } = walker;
        let noted = noted.unwrap_or_default();
        for (index, Noted { node, channel, read }) in noted.iter().enumerate() {
            let (node, channel) = (json.node(*node), *channel);
            if walk.pinned.contains(&index) {
                // an event goes as it is or is rewritten: what must stay as it is cannot be promised to be clean
                facts.uninspected(Reason::Opaque, channel, node);
                continue;
            }
            let (lane, json_fragment) = (LaneKey::new("", 0, 0), *read == Read::Json);
            let leaf = StreamLeaf { lane, channel, json_fragment, node: node.id() };
            match read {
                Read::Payload => facts.payloads.push(leaf),
                Read::Text if rest_goes_on && index >= known && !node.is_key() => {
                    let lane = LaneKey { kind: node.path().into(), ..leaf.lane };
                    facts.deltas.push(StreamLeaf { lane, ..leaf });
                }
                _ => facts.whole.push(leaf),
            }
        }
        for (offset, node) in walk.offsets.into_iter().zip(offsets) {
            let of = Counted::Text(noted[offset.of].node);
            facts.offsets.push(EventOffset { of, node, value: offset.value, unit: offset.unit, edge: offset.edge });
        }
        facts.backstop_leaves += walk.backstop_leaves;
        facts.copies.extend(copies);
        facts.described.extend(walk.described);
        facts.uninspected.extend(walk.uninspected);
        facts
    }
}

impl<'j, 'b> Deref for EventWalker<'j, 'b> {
    type Target = Walker<'j, 'b>;

    fn deref(&self) -> &Self::Target {
        &self.walker
    }
}

impl DerefMut for EventWalker<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.walker
    }
}
