//! Writes events whose text is decided: the bytes that came, but for what is replaced.

use super::{Held, StreamGuard, Written};
use crate::decode::framing::Event;
use crate::decode::json::{Json, Limits, NodeId};
use crate::decode::offset::Shifts;
use crate::decode::{Channel, Replacement, Segment, rewrite};
use crate::exchange::Exchange;
use crate::provider::{Counted, EventOffset};
use std::borrow::Cow;
use std::ops::Range;
use std::time::Instant;

/// Where in an event's data a replacement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A JSON string of text.
    Text(NodeId),
    /// A JSON string that holds JSON source.
    Source(NodeId),
    /// A JSON string of base64, or a `data:` URI.
    Payload(NodeId),
    /// A JSON value of any kind, as it is written.
    Value(NodeId),
    /// Data that is not JSON.
    Data,
}

impl StreamGuard {
    /// Writes every event at the head of the queue whose text is decided.
    pub(super) fn release(&mut self, x: &mut Exchange, now: Instant, out: &mut Vec<u8>) {
        while let Some((event, held)) = self.queue.front() {
            if !held.leaves.iter().all(|(leaf, _)| self.decided.contains_key(leaf)) {
                break;
            }
            self.held -= event.raw().len();
            self.undecided -= held.text;
            let (event, held) = self.queue.pop_front().expect("there is a front");
            if !held.leaves.is_empty() {
                x.report.hold(now - held.since);
            }
            self.write(event, held, &x.judge.limits.json, out);
        }
    }

    /// Writes one event: the bytes that came, but for what was replaced.
    fn write(&mut self, event: Event, mut held: Held, limits: &Limits, out: &mut Vec<u8>) {
        self.dialect.sent(&held.marks);
        let rewritten = self.rewritten(&event, &mut held, limits);
        if held.marks.kept
            && let Some(data) = rewritten.as_deref().map(Cow::Borrowed).or_else(|| event.data())
        {
            self.dialect.kept(&data);
        }
        match rewritten {
            Some(data) => out.extend(event.with_data(&data)),
            None => out.extend_from_slice(event.raw()),
        }
        self.written.push(Written { end: out.len(), binary: held.binary });
    }

    /// The event's data if anything in it is replaced.
    fn rewritten(&mut self, event: &Event, held: &mut Held, limits: &Limits) -> Option<Vec<u8>> {
        let mut edits = std::mem::take(&mut held.edits);
        for (leaf, node) in held.leaves.drain(..) {
            let changes = self.decided.remove(&leaf).unwrap_or_default();
            edits.extend(changes.into_iter().map(|(range, text)| (Place::Text(node), range, text)));
        }
        if edits.is_empty() && held.offsets.is_empty() {
            return None;
        }
        let data = event.data().expect("only data is replaced");
        let json = Json::parse(&data, limits).ok();
        edits.extend(self.moves(json.as_ref(), &held.offsets, &edits));
        if edits.is_empty() {
            return None;
        }
        let rewrites_text = edits.iter().any(|(place, ..)| !matches!(place, Place::Value(_)));
        let copies = held.copies.drain(..).filter(|_| rewrites_text);
        edits.extend(copies.map(|copy| (Place::Value(copy), 0..usize::MAX, "null".into())));
        let mut segments: Vec<(Place, Segment<'_>)> = Vec::new();
        let mut replacements = Vec::new();
        for (target, range, text) in edits {
            let segment = segments.iter().position(|(t, _)| *t == target).unwrap_or_else(|| {
                segments.push((target, segment(target, json.as_ref(), &data)));
                segments.len() - 1
            });
            replacements.push(Replacement { segment, range, text });
        }
        let segments: Vec<Segment<'_>> = segments.into_iter().map(|(_, segment)| segment).collect();
        Some(rewrite(&data, &segments, &replacements))
    }

    /// What becomes of numbers that count into text that is rewritten.
    fn moves(
        &self,
        json: Option<&Json<'_>>,
        offsets: &[EventOffset],
        edits: &[(Place, Range<usize>, String)],
    ) -> Vec<(Place, Range<usize>, String)> {
        let moved = offsets.iter().filter_map(|offset| {
            let place = match &offset.of {
                Counted::Lane(key) => {
                    let moved = self.lanes.get(key).map(|lane| &lane.moved).or_else(|| self.moved.get(key))?;
                    moved.place(offset.value, offset.unit, offset.edge)
                }
                Counted::Text(node) => {
                    let text = json?.node(*node).str()?;
                    let of_text = edits.iter().filter(|(place, ..)| *place == Place::Text(*node));
                    let replacements = of_text.map(|(_, range, with)| (range.clone(), with.as_str()));
                    Shifts::of(&text, replacements, offset.unit).moved(offset.value, offset.edge)
                }
            };
            (place != offset.value).then(|| (Place::Value(offset.node), 0..usize::MAX, place.to_string()))
        });
        moved.collect()
    }
}

/// The text of an event's data that a replacement is in.
fn segment<'b>(target: Place, json: Option<&Json<'b>>, data: &'b [u8]) -> Segment<'b> {
    match (target, json) {
        (Place::Text(node), Some(json)) => Segment::string(Channel::Response, json.node(node)),
        (Place::Source(node), Some(json)) => Segment::json_text(Channel::Response, json.node(node)),
        (Place::Payload(node), Some(json)) => {
            let node = json.node(node);
            Segment::base64(Channel::Response, node).unwrap_or_else(|_| Segment::string(Channel::Response, node))
        }
        (Place::Value(node), Some(json)) => {
            let node = json.node(node);
            Segment::raw(Channel::Response, "", node.span(), node.raw_str())
        }
        _ => {
            let text = std::str::from_utf8(data).expect("only text was scanned");
            Segment::raw(Channel::Response, "event", 0..data.len(), text)
        }
    }
}
