//! Streamed answers: each event is an answer of its own, with the next parts of each candidate. Nothing follows the last of
//! them; that a candidate is complete says its `finishReason`, and in a JSON array the closing bracket.

use super::ends;
use super::events::{Lanes, Reading};
use super::fields::{each, fields, last, one_or_more};
use super::response::{PLACE, beside, segments, sources, usage};
use crate::decode::Channel;
use crate::decode::framing::Framing;
use crate::decode::json::{Json, Node};
use crate::decode::offset::Unit;
use crate::provider::{EventFacts, Fault, LaneKey, Marks, Refusal, StreamDialect};
use std::collections::BTreeMap;

/// Reads the answers of one stream and writes its ends.
pub(super) struct GenerateStream {
    framing: Framing,
    lanes: Lanes,
    /// Candidates the client has seen, and whether each has finished.
    candidates: BTreeMap<u64, bool>,
    /// The client has seen an event.
    begun: bool,
    ended: bool,
}

impl GenerateStream {
    pub(super) fn new(framing: Framing) -> Self {
        Self { framing, lanes: Lanes::default(), candidates: BTreeMap::new(), begun: false, ended: false }
    }
}

impl StreamDialect for GenerateStream {
    fn event(&mut self, _name: Option<&str>, data: Option<&Json<'_>>) -> EventFacts {
        let Some(json) = data else {
            // the bracket that closes the array
            let marks = Marks { ended: self.framing == Framing::Array, ..Marks::default() };
            return EventFacts { ends_all: marks.ended, marks, ..EventFacts::default() };
        };
        let mut reading = Reading::new(json, &mut self.lanes);
        reading.walker.facts.marks.started = true;
        for answer in one_or_more(json.root()) {
            read(&mut reading, answer, self.framing);
        }
        reading.finish()
    }

    fn sent(&mut self, marks: &Marks) {
        self.begun |= marks.started;
        for candidate in &marks.opened {
            self.candidates.entry(*candidate).or_insert(false);
        }
        for candidate in &marks.closed {
            self.candidates.insert(*candidate, true);
        }
        self.ended |= marks.ended;
    }

    fn blocked(&mut self, refusal: &Refusal<'_>) -> Vec<u8> {
        if self.framing == Framing::Array && self.ended {
            return Vec::new();
        }
        let open: Vec<u64> = self.candidates.iter().filter(|(_, finished)| !**finished).map(|(i, _)| *i).collect();
        let open = if open.is_empty() { vec![0] } else { open };
        self.ended = true;
        ends::last(self.framing, self.begun, &ends::filtered(&open, refusal))
    }

    fn failed(&mut self, fault: Fault, refusal: &Refusal<'_>) -> Vec<u8> {
        if self.framing == Framing::Array && self.ended {
            return Vec::new();
        }
        self.ended = true;
        ends::last(self.framing, self.begun, &ends::error(fault, refusal))
    }

    fn ended(&self) -> bool {
        let finished = !self.candidates.is_empty() && self.candidates.values().all(|finished| *finished);
        self.ended || (finished && self.framing != Framing::Array)
    }
}

fn read<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, answer: Node<'j, 'b>, framing: Framing) {
    reading.walker.facts.usage.merge(usage(answer));
    for (name, value) in fields(answer) {
        match &*name {
            "candidates" => one_or_more(value).for_each(|candidate| self::candidate(reading, candidate)),
            "promptFeedback" => {
                each(value, "blockReasonMessage").for_each(|message| {
                    reading.walker.text(Channel::Response, message);
                });
                // no candidate will come
                let refused = last(value, "blockReason").is_some_and(Node::is_string);
                reading.walker.facts.ends_all |= refused;
                reading.walker.facts.marks.ended |= refused && framing != Framing::Array;
            }
            "error" => {
                reading.walker.facts.ends_all = true;
                reading.walker.facts.marks.ended = true;
            }
            _ => {}
        }
    }
}

fn candidate<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, candidate: Node<'j, 'b>) {
    let number = last(candidate, "index").and_then(Node::as_u64).unwrap_or(0);
    let index = u32::try_from(number).unwrap_or(u32::MAX);
    reading.walker.facts.marks.opened.push(number);
    each(candidate, "content").for_each(|content| reading.parts(content, index));
    for (name, value) in fields(candidate) {
        match &*name {
            "citationMetadata" => sources(value).for_each(|source| counts(reading, index, source)),
            // which events brought a later part is not known
            "groundingMetadata" => {
                let first = segments(value).filter(|(part, _)| *part == 0);
                first.for_each(|(_, segment)| counts(reading, index, segment));
            }
            "logprobsResult" => reading.walker.event_copy(value),
            "finishReason" if value.is_string() && !value.is("FINISH_REASON_UNSPECIFIED") => {
                reading.walker.facts.marks.closed.push(number);
                let ends = reading.lanes.of(index);
                reading.walker.facts.ends.extend(ends);
            }
            _ => {}
        }
        beside(&mut reading.walker, &name, value);
    }
}

/// A place in all the text that the candidate's events bring.
fn counts<'j, 'b>(reading: &mut Reading<'_, 'j, 'b>, index: u32, object: Node<'j, 'b>) {
    let lane = LaneKey::new("text", index, 0);
    for keys in PLACE {
        reading.walker.lane_offsets(&lane, object, keys, Unit::Bytes);
    }
}
