//! Streamed answers: events in, events out, held back only while a decision is pending.
//!
//! Each lane (choice, content block, tool call, reasoning) has its own scanner. An event is forwarded, as the bytes that came,
//! as soon as all its text is decided; events keep their order. Where a value must not leave, its bytes are cut out of the
//! events that carry it and what stands for it is put where it began. A blocked value ends the stream by protocol (P2).

mod evidence;
mod judging;
mod lane;
mod writing;

use super::Exchange;
use super::budget::Budget;
use super::report::Fault as Happened;
use crate::decode::framing::{Event, Framer, Framing, is_terminator};
use crate::decode::json::{Json, JsonError, NodeId};
use crate::decode::lane::LeafId;
use crate::decode::{Channel, Reason, Uninspected};
use crate::detect::Scratch;
use crate::provider::{EventOffset, Fault, Interruption, LaneKey, Marks, StreamDialect, Usage};
use evidence::Evidence;
use lane::{LaneState, Moved};
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::time::Instant;
use writing::Place;

/// Whether the stream goes on after a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    Continue,
    /// The end has been written: send it, end the answer normally, and cancel the upstream.
    End,
}

/// Why the upstream's answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamEnd {
    /// The transfer was complete.
    Complete,
    /// Reset, truncated, or silent for too long.
    Broken(Fault),
}

/// Places of a stream that the receipt names as not inspected; what follows counts as the stream's.
const MOST_PARTS: usize = 64;

/// Lanes at a time whose whole text is kept until it is signed: providers write one after the other.
const MOST_SIGNED: usize = 4;

/// An index from which the number could be a person's: one of six digits.
const LONG_INDEX: u64 = 100_000;

/// Judges one streamed answer.
pub struct StreamGuard {
    events: Framer,
    dialect: Box<dyn StreamDialect>,
    lanes: HashMap<LaneKey, LaneState>,
    /// Where lanes were redacted that have ended.
    moved: HashMap<LaneKey, Moved>,
    queue: VecDeque<(Event, Held)>,
    /// Leaves that were decided, with the changes to each, until their event leaves.
    decided: HashMap<LeafId, Vec<(Range<usize>, String)>>,
    /// Bytes in `queue`.
    held: usize,
    /// Bytes of text in `queue` that lanes have not decided; what stands beside it (images, signatures) does not count.
    undecided: usize,
    next_leaf: u64,
    /// Lanes whose whole text is kept until it is signed.
    signing: usize,
    /// Everything found so far, so that counts in policies hold over the whole answer.
    evidence: Evidence,
    budget: Budget,
    /// Where in the receipt the parts of this stream are that nobody inspected.
    parts: Vec<usize>,
    /// Once the work of scanning is used up: the part of the receipt for what nobody has read.
    unread: Option<usize>,
    over: bool,
    /// Most bytes of one event, and of all that are held back.
    cap: usize,
    /// The events are messages of a session, which goes on after an answer.
    session: bool,
    /// Token counts of the answer under way, and of those before it.
    usage: Usage,
    spent: Usage,
    /// The message under judgement is binary.
    binary: bool,
    /// What the last call wrote, event by event.
    written: Vec<Written>,
    /// Messages for the provider that are still to be sent.
    for_upstream: Vec<Vec<u8>>,
}

/// One event in what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Where it ends.
    pub end: usize,
    /// It came as a binary message.
    pub binary: bool,
}

/// What an event in the queue waits for.
struct Held {
    /// Its texts that continue lanes: they are decided when the lane releases them.
    leaves: Vec<(LeafId, NodeId)>,
    /// Replacements in texts that stand alone, decided at once.
    edits: Vec<(Place, Range<usize>, String)>,
    /// Copies of its text that go when the text is rewritten.
    copies: Vec<NodeId>,
    /// Numbers that count into its text, or into that of a lane.
    offsets: Vec<EventOffset>,
    marks: Marks,
    /// Bytes of its texts that continue lanes.
    text: usize,
    since: Instant,
    binary: bool,
}

impl Held {
    fn new(since: Instant, binary: bool) -> Self {
        let (leaves, edits, copies, offsets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { leaves, edits, copies, offsets, marks: Marks::default(), text: 0, since, binary }
    }
}

/// A value must not leave and the stream has to end.
struct Blocked;

impl StreamGuard {
    pub(super) fn new(x: &Exchange, framing: Framing) -> Self {
        let limits = &x.judge.limits;
        // events carry audio and images: the text among them waits with megabytes behind it
        let cap = limits.held.max(limits.answer);
        let session = framing == Framing::Messages;
        Self {
            events: Framer::new(framing, cap),
            dialect: x.dialect.stream(&x.opening.target, framing),
            lanes: HashMap::new(),
            moved: HashMap::new(),
            queue: VecDeque::new(),
            decided: HashMap::new(),
            held: 0,
            undecided: 0,
            next_leaf: 0,
            signing: 0,
            evidence: Evidence::new(x.judge.policies.most_counted()),
            budget: Budget::new(x.judge.limits.work),
            parts: Vec::new(),
            unread: None,
            over: false,
            cap,
            session,
            usage: Usage::default(),
            spent: Usage::default(),
            binary: false,
            written: Vec::new(),
            for_upstream: Vec::new(),
        }
    }

    /// Judges one message of a session, as [`Self::push`] does a piece of a stream. What it writes are the messages that
    /// [`Self::written`] tells apart.
    pub fn message(
        &mut self,
        x: &mut Exchange,
        message: &[u8],
        binary: bool,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Flow {
        self.binary = binary;
        self.push(x, message, scratch, out)
    }

    /// Where in what the last call wrote each event ends.
    pub fn written(&self) -> &[Written] {
        &self.written
    }

    /// Takes the messages of the gateway's own that are for the provider.
    pub fn take_for_upstream(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.for_upstream)
    }

    /// What tells the client that `message` of its own was not sent on; `None` if the session has to be closed for that.
    pub(super) fn refused(&mut self, x: &Exchange, message: &[u8]) -> Option<Vec<u8>> {
        let told = x.report.message.as_deref().unwrap_or_default();
        self.dialect.refused(&x.refusal(told), Json::parse(message, &x.judge.limits.json).ok().as_ref())
    }

    /// Judges a piece of the answer as it came and writes what may go out.
    pub fn push(&mut self, x: &mut Exchange, piece: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Flow {
        if self.over {
            return Flow::End;
        }
        self.written.clear();
        let now = (x.judge.clock)();
        let mut events = Vec::new();
        let framed = self.events.push(piece, &mut events);
        for event in events {
            if self.take(x, event, true, scratch, now).is_err() {
                return self.block(x, out);
            }
        }
        self.release(x, now, out);
        x.report.holds(self.held);
        if let Err(reason) = framed {
            let fault = if reason == Reason::TooLarge { "event_too_large" } else { "event_malformed" };
            return self.fail(x, fault, Fault::Upstream, out);
        }
        if self.undecided > x.judge.limits.held || self.held > self.cap {
            return self.fail(x, "holdback_cap", Fault::Upstream, out);
        }
        Flow::Continue
    }

    /// The upstream's answer has ended: writes what was held back, or the provider's stream error.
    pub fn end(&mut self, x: &mut Exchange, how: UpstreamEnd, scratch: &mut Scratch, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        self.written.clear();
        let now = (x.judge.clock)();
        if let Some(event) = self.events.finish()
            && self.take(x, event, false, scratch, now).is_err()
        {
            self.block(x, out);
            return;
        }
        let lanes: Vec<LaneKey> = self.lanes.keys().cloned().collect();
        for key in &lanes {
            if self.end_lane(x, key, scratch).is_err() {
                self.block(x, out);
                return;
            }
        }
        self.release(x, now, out);
        match how {
            UpstreamEnd::Complete if self.dialect.ended() => self.over = true,
            // a session may end between two answers
            UpstreamEnd::Broken(_) if self.session && self.dialect.ended() => self.over = true,
            // a bare end would be taken for success
            UpstreamEnd::Complete => {
                self.fail(x, "truncated", Fault::Upstream, out);
            }
            UpstreamEnd::Broken(fault) => {
                self.fail(x, "broken", fault, out);
            }
        }
    }

    /// Bytes held back now.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Reads one event, scans its text, and puts it at the end of the queue. One that is not `whole` broke off.
    fn take(
        &mut self,
        x: &mut Exchange,
        event: Event,
        whole: bool,
        scratch: &mut Scratch,
        now: Instant,
    ) -> Result<(), Blocked> {
        let mut held = Held::new(now, self.binary);
        let Some(data) = event.data() else {
            // comments and blank lines
            self.queue_up(held, event);
            return Ok(());
        };
        let parsed = Json::parse(&data, &x.judge.limits.json);
        let unread = parsed.as_ref().map_or_else(JsonError::reason, |_| Reason::Malformed);
        let json = parsed.ok();
        if let Some(json) = &json
            && self.dialect.withholds(json)
        {
            let facts = self.dialect.event(event.name(), Some(json));
            self.count(x, facts.usage, facts.marks.ended);
            return Ok(());
        }
        if json.is_none() && !is_terminator(&data) {
            self.scan_loose(x, &data, scratch, &mut held)?;
            if whole && looks_whole(&data) {
                // the client may read it all the same, and join its text with that of other events
                let (channel, bytes) = (Channel::Response, data.len() as u64);
                self.note(x, vec![Uninspected { reason: unread, channel, bytes, path: "event".into() }])?;
            }
        }
        let facts = self.dialect.event(event.name(), json.as_ref());
        self.count(x, facts.usage, facts.marks.ended);
        x.report.backstop_leaves += facts.backstop_leaves;
        held.copies = facts.copies;
        held.offsets = facts.offsets;
        held.marks = facts.marks;
        // what closes a choice or a block repeats its index
        held.marks.opened.retain(|index| *index < LONG_INDEX);
        let answered = self.session && held.marks.ended;
        self.note(x, facts.uninspected)?;
        if let Some(json) = &json {
            if !facts.deltas.is_empty() {
                // of two values one reader joins the first with other events, another the last: no lane is the text of both
                let (reason, channel, bytes) = (Reason::Malformed, Channel::Response, data.len() as u64);
                if let Some(twice) = json.repeated() {
                    self.note(x, vec![Uninspected { reason, channel, bytes, path: twice.path() }])?;
                }
            }
            for leaf in &facts.deltas {
                let id = self.continue_lane(x, json, leaf, scratch)?;
                held.text += json.node(leaf.node).span().len();
                held.leaves.push((id, leaf.node));
            }
            for (lane, node) in &facts.signatures {
                if let Some(signed) = self.lanes.get_mut(lane).and_then(|lane| lane.signed.as_mut()) {
                    signed.signature = json.node(*node).str().unwrap_or_default().into_owned();
                }
            }
            for leaf in &facts.whole {
                self.scan_alone(x, json, leaf, scratch, &mut held)?;
            }
            for leaf in &facts.payloads {
                self.scan_payload(x, json, leaf, scratch, &mut held)?;
            }
            for tool in &facts.described {
                self.judge_tool(x, tool, scratch, &mut held)?;
            }
        }
        if facts.ends_all {
            let lanes: Vec<LaneKey> = self.lanes.keys().cloned().collect();
            for key in &lanes {
                self.end_lane(x, key, scratch)?;
            }
        }
        for key in &facts.ends {
            self.end_lane(x, key, scratch)?;
        }
        drop(json);
        drop(data);
        if answered {
            self.begin_answer();
        }
        self.queue_up(held, event);
        x.report.phases.scan += (x.judge.clock)() - now;
        Ok(())
    }

    fn queue_up(&mut self, held: Held, event: Event) {
        self.held += event.raw().len();
        self.undecided += held.text;
        self.queue.push_back((event, held));
    }

    /// Ends the stream with the provider's filter stop reason. What is still held never leaves.
    fn block(&mut self, x: &mut Exchange, out: &mut Vec<u8>) -> Flow {
        let now = (x.judge.clock)();
        self.release(x, now, out);
        let message = x.report.message.clone().unwrap_or_default();
        let refusal = x.refusal(&message);
        if let Some(told) = self.dialect.interrupt(&refusal) {
            self.interrupt(told, x, now, out);
            return Flow::Continue;
        }
        self.queue.clear();
        (self.held, self.undecided) = (0, 0);
        self.over = true;
        out.extend(self.dialect.blocked(&refusal));
        self.end_event(out);
        Flow::End
    }

    /// Ends an answer of a session that goes on, and lets go of what is still held of it.
    fn interrupt(&mut self, told: Interruption, x: &mut Exchange, now: Instant, out: &mut Vec<u8>) {
        self.for_upstream.extend(told.upstream);
        for message in told.client {
            out.extend(message);
            self.end_event(out);
        }
        told.over.iter().for_each(|key| drop(self.lanes.remove(key)));
        for (event, held) in std::mem::take(&mut self.queue) {
            let data = event.data().unwrap_or_default();
            let withheld = Json::parse(&data, &x.judge.limits.json).is_ok_and(|json| self.dialect.withholds(&json));
            drop(data);
            if withheld {
                self.held -= event.raw().len();
                self.undecided -= held.text;
                held.leaves.iter().for_each(|(leaf, _)| drop(self.decided.remove(leaf)));
            } else {
                self.queue.push_back((event, held));
            }
        }
        self.parts.clear();
        self.begin_answer();
        self.release(x, now, out);
    }

    /// Takes in the token counts of an event: the last of each answer count.
    fn count(&mut self, x: &mut Exchange, usage: Usage, ended: bool) {
        self.usage.merge(usage);
        x.report.usage = self.spent.plus(self.usage);
        if self.session && ended {
            (self.spent, self.usage) = (x.report.usage, Usage::default());
        }
    }

    /// What was found in one answer of a session does not count in the next.
    fn begin_answer(&mut self) {
        self.evidence.clear();
        self.unread = None;
    }

    fn end_event(&mut self, out: &[u8]) {
        self.written.push(Written { end: out.len(), binary: self.binary });
    }

    /// Ends the stream with the provider's stream error.
    fn fail(&mut self, x: &mut Exchange, fault: &'static str, kind: Fault, out: &mut Vec<u8>) -> Flow {
        self.queue.clear();
        (self.held, self.undecided) = (0, 0);
        self.over = true;
        x.report.faults.push(Happened { phase: "stream", fault, open: false });
        let message = match kind {
            Fault::Timeout => "the model sent nothing more in time; the answer is incomplete",
            _ => "the model's answer broke off; it is incomplete",
        };
        out.extend(self.dialect.failed(kind, &x.refusal(message)));
        self.end_event(out);
        Flow::End
    }
}

/// Whether data that is not JSON stands in brackets as JSON does: deeper than the limit, or with values that JSON lacks.
fn looks_whole(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    matches!((data.first(), data.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}
