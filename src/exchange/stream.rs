//! Streamed answers: events in, events out, held back only while a decision is pending.
//!
//! Each lane (choice, content block, tool call, reasoning) has its own scanner. An event is forwarded, as the bytes that came,
//! as soon as all its text is decided; events keep their order. Where a value must not leave, its bytes are cut out of the
//! events that carry it and what stands for it is put where it began. A blocked value ends the stream by protocol (P2).

mod lane;

use super::budget::Budget;
use super::report::{Fault as Happened, Found};
use super::{Exchange, Side};
use crate::action::{Mark, redactions};
use crate::decode::framing::{Event, Framer, Framing, is_terminator};
use crate::decode::json::{AnomalyKind, Json, JsonError, Limits, NodeId};
use crate::decode::lane::{Lane, LeafId};
use crate::decode::offset::Shifts;
use crate::decode::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};
use crate::detect::{Finding, Scratch, StreamScanner};
use crate::policy::{Action, Evidence, ValueAction, message};
use crate::provider::{Counted, EventOffset, Fault, Interruption, LaneKey, Marks, StreamDialect, StreamLeaf, Usage};
use lane::{GoingOn, LaneState, Moved, SignedText};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::time::Instant;

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
    evidence: Vec<Seen>,
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

/// A finding that was judged.
struct Seen {
    finding: Finding,
    fingerprint: String,
    channel: Channel,
    redacted: bool,
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

/// Where in an event's data a replacement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
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
            evidence: Vec::new(),
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
            if self.take(x, event, scratch, now).is_err() {
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
            && self.take(x, event, scratch, now).is_err()
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

    /// Reads one event, scans its text, and puts it at the end of the queue.
    fn take(&mut self, x: &mut Exchange, event: Event, scratch: &mut Scratch, now: Instant) -> Result<(), Blocked> {
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
            if looks_whole(&data) {
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
        let answered = self.session && held.marks.ended;
        self.note(x, facts.uninspected)?;
        if let Some(json) = &json {
            if !facts.deltas.is_empty() {
                // of two values one reader joins the first with other events, another the last: no lane is the text of both
                let (reason, channel, bytes) = (Reason::Malformed, Channel::Response, data.len() as u64);
                let twice = json.anomalies().into_iter().find(|anomaly| anomaly.kind == AnomalyKind::DuplicateKey);
                let part = twice.map(|anomaly| Uninspected { reason, channel, bytes, path: anomaly.path });
                self.note(x, part.into_iter().collect())?;
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

    /// Adds a text to its lane and judges what became final.
    fn continue_lane(
        &mut self,
        x: &mut Exchange,
        json: &Json<'_>,
        leaf: &StreamLeaf,
        scratch: &mut Scratch,
    ) -> Result<LeafId, Blocked> {
        let lane = self.lanes.entry(leaf.lane.clone()).or_insert_with(|| {
            let lane = if leaf.json_fragment { Lane::json() } else { Lane::plain() };
            let scanner = StreamScanner::new(x.judge.policies.engine.clone(), x.active.clone());
            let mut lane = LaneState::new(lane, scanner, leaf.channel, leaf.lane.path());
            if self.signing < MOST_SIGNED && self.dialect.signs(&leaf.lane) {
                lane.signed = Some(SignedText::default());
                self.signing += 1;
            }
            lane
        });
        let id = LeafId(self.next_leaf);
        self.next_leaf += 1;
        let text = json.node(leaf.node).str().unwrap_or_default();
        x.report.receipt.add_inspected(leaf.channel, text.len() as u64);
        let mut found = Vec::new();
        let grown = lane.lane.push(id, &text);
        lane.grow(&grown);
        if self.unread.is_some() {
            let (channel, bytes) = (lane.channel, grown.len());
            lane.release(usize::MAX, &mut self.decided);
            self.leave(x, channel, bytes);
            return Ok(id);
        }
        self.budget.grow(grown.len());
        self.budget.lend(scratch);
        let settled = lane.scanner.push(&grown, scratch, &mut found);
        self.budget.settle(scratch);
        self.judge_lane(x, &leaf.lane, found)?;
        if self.budget.left() == 0 {
            self.give_up(x)?;
            return Ok(id);
        }
        let lane = self.lanes.get_mut(&leaf.lane).expect("the lane was just continued");
        lane.release(settled, &mut self.decided);
        Ok(id)
    }

    /// The work of scanning is used up: the policies decide on what nobody has read, and it passes only if they say so.
    fn give_up(&mut self, x: &mut Exchange) -> Result<(), Blocked> {
        let held: Vec<(Channel, usize)> = self.lanes.values().map(|lane| (lane.channel, lane.text.len())).collect();
        held.into_iter().for_each(|(channel, bytes)| self.leave(x, channel, bytes));
        let decided = self.decide(x, Vec::new(), "");
        x.report.deadline(decided.is_ok());
        decided?;
        self.lanes.values_mut().for_each(|lane| lane.release(usize::MAX, &mut self.decided));
        Ok(())
    }

    /// Accounts for text that came and that nobody has read.
    fn leave(&mut self, x: &mut Exchange, channel: Channel, bytes: usize) {
        let receipt = &mut x.report.receipt;
        receipt.take_inspected(channel, bytes as u64);
        let part = *self.unread.get_or_insert_with(|| {
            let channel = Channel::Response;
            receipt.uninspected.push(Uninspected {
                reason: Reason::Deadline,
                channel,
                bytes: 0,
                path: "stream".into(),
            });
            self.parts.push(receipt.uninspected.len() - 1);
            receipt.uninspected.len() - 1
        });
        receipt.uninspected[part].bytes += bytes as u64;
    }

    /// Takes parts of an event that nobody inspected into the receipt, those of one place as one, and lets the policies
    /// decide on those that are new.
    fn note(&mut self, x: &mut Exchange, parts: Vec<Uninspected>) -> Result<(), Blocked> {
        let known = self.parts.len();
        for mut part in parts {
            let receipt = &mut x.report.receipt.uninspected;
            if self.parts.len() >= MOST_PARTS {
                part.path = "stream".into();
            }
            let alike = |at: &&usize| {
                let other: &Uninspected = &receipt[**at];
                (other.reason, other.channel, &other.path) == (part.reason, part.channel, &part.path)
            };
            match self.parts.iter().find(alike) {
                Some(at) => receipt[*at].bytes += part.bytes,
                None => {
                    self.parts.push(receipt.len());
                    receipt.push(part);
                }
            }
        }
        if self.parts.len() > known {
            self.decide(x, Vec::new(), "")?;
        }
        Ok(())
    }

    /// Everything in the lane is decided.
    fn end_lane(&mut self, x: &mut Exchange, key: &LaneKey, scratch: &mut Scratch) -> Result<(), Blocked> {
        let Some(lane) = self.lanes.get_mut(key) else { return Ok(()) };
        let mut found = Vec::new();
        let rest = lane.lane.finish();
        lane.grow(&rest);
        if self.unread.is_none() {
            self.budget.grow(rest.len());
            self.budget.lend(scratch);
            lane.scanner.push(&rest, scratch, &mut found);
            lane.scanner.finish(scratch, &mut found);
            self.budget.settle(scratch);
            self.judge_lane(x, key, found)?;
            if self.budget.left() == 0 {
                self.give_up(x)?;
            }
        }
        // a lane that goes on after its end would be another text: it begins anew
        let mut lane = self.lanes.remove(key).expect("looked up above");
        lane.release(usize::MAX, &mut self.decided);
        let signed = lane.signed.inspect(|_| self.signing -= 1);
        if let Some(signed) = signed.filter(|signed| !signed.signature.is_empty())
            && let Some((original, redacted)) = signed.texts()
        {
            x.judge.originals.insert(x.owner(&signed.signature), &redacted, original);
        }
        if lane.moved.any() {
            self.moved.insert(key.clone(), lane.moved);
        }
        Ok(())
    }

    /// Decides on findings of a lane and notes the replacements in it.
    fn judge_lane(&mut self, x: &mut Exchange, key: &LaneKey, mut found: Vec<Finding>) -> Result<(), Blocked> {
        let lane = self.lanes.get_mut(key).expect("a lane is judged while it is there");
        lane.lengthen(&mut found);
        if found.is_empty() {
            return Ok(());
        }
        let (channel, path, base) = (lane.channel, lane.path.clone(), lane.base);
        // findings of one push may lie far apart, but all lie in what is not released yet
        let text = lane.text.clone();
        let begun: Vec<(u32, usize)> = found.iter().filter(|f| f.goes_on).map(|f| (f.rule, f.span.start)).collect();
        let relative: Vec<Finding> = (found.into_iter())
            .map(|mut finding| {
                finding.span = finding.span.start - base..finding.span.end - base;
                finding.opener = finding.opener.map(|opener| opener.start - base..opener.end - base);
                finding
            })
            .collect();
        let judged = self.evidence.len();
        let redactions = self.judge_text(x, relative, channel, &path, &text)?;
        let lane = self.lanes.get_mut(key).expect("looked up above");
        for (range, replacement) in redactions {
            lane.redact(range.start + base..range.end + base, &replacement);
        }
        for (rule, start) in begun {
            let own = |seen: &&Seen| (seen.finding.rule, seen.finding.span.start + base) == (rule, start);
            let redacted = self.evidence[judged..].iter().find(own).is_some_and(|seen| seen.redacted);
            lane.going_on.push(GoingOn { rule, start, redacted });
        }
        Ok(())
    }

    /// Judges a text that stands alone in its event.
    fn scan_alone(
        &mut self,
        x: &mut Exchange,
        json: &Json<'_>,
        leaf: &StreamLeaf,
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        let node = json.node(leaf.node);
        let (segment, target) = match leaf.json_fragment {
            true => (Segment::json_text(leaf.channel, node), Place::Source(leaf.node)),
            false => (Segment::string(leaf.channel, node), Place::Text(leaf.node)),
        };
        self.scan_text(x, leaf.channel, &segment.path, &segment.text, target, scratch, held)
    }

    /// Judges base64 or a `data:` URI.
    fn scan_payload(
        &mut self,
        x: &mut Exchange,
        json: &Json<'_>,
        leaf: &StreamLeaf,
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        let (node, channel) = (json.node(leaf.node), leaf.channel);
        match Segment::base64(channel, node) {
            Ok(Segment { path, text, .. }) => {
                self.scan_text(x, channel, &path, &text, Place::Payload(leaf.node), scratch, held)
            }
            Err(reason) => {
                let bytes = node.span().len() as u64;
                self.note(x, vec![Uninspected { reason, channel, bytes, path: node.path() }])
            }
        }
    }

    /// Judges data that is not JSON.
    fn scan_loose(
        &mut self,
        x: &mut Exchange,
        data: &[u8],
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        match std::str::from_utf8(data) {
            Ok(text) => self.scan_text(x, Channel::Response, "event", text, Place::Data, scratch, held),
            Err(_) => {
                let (reason, channel, bytes) = (Reason::Malformed, Channel::Response, data.len() as u64);
                self.note(x, vec![Uninspected { reason, channel, bytes, path: "event".into() }])
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the place of a text, and what judging it needs")]
    fn scan_text(
        &mut self,
        x: &mut Exchange,
        channel: Channel,
        path: &str,
        text: &str,
        target: Place,
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        x.report.receipt.add_inspected(channel, text.len() as u64);
        if self.unread.is_some() {
            self.leave(x, channel, text.len());
            return Ok(());
        }
        let mut found = Vec::new();
        self.budget.grow(text.len());
        self.budget.lend(scratch);
        let inspected = x.judge.policies.engine.scan(text, &x.active, scratch, &mut found);
        self.budget.settle(scratch);
        let redactions = self.judge_text(x, found, channel, path, text)?;
        if self.budget.left() == 0 {
            self.leave(x, channel, text.len() - inspected);
            self.give_up(x)?;
        }
        held.edits.extend(redactions.into_iter().map(|(range, with)| (target, range, with)));
        Ok(())
    }

    /// Decides on findings in `text` and returns what is to be replaced in it.
    fn judge_text(
        &mut self,
        x: &mut Exchange,
        mut found: Vec<Finding>,
        channel: Channel,
        path: &str,
        text: &str,
    ) -> Result<Vec<(Range<usize>, String)>, Blocked> {
        let judge = x.judge.clone();
        let rules = judge.policies.engine.rules();
        found.retain(|f| !judge.suppressed(&rules[f.rule as usize], f.value(text)));
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let new: Vec<Seen> = (found.into_iter())
            .map(|finding| {
                let rule = &rules[finding.rule as usize];
                let fingerprint = judge.key.fingerprint(rule, finding.value(text));
                Seen { finding, fingerprint, channel, redacted: false }
            })
            .collect();
        let from = self.evidence.len();
        let values = self.decide(x, new, path)?;
        for (seen, value) in self.evidence[from..].iter_mut().zip(&values) {
            seen.redacted = matches!(value, ValueAction::Redact(_));
        }
        let marks = (self.evidence[from..].iter().zip(&values)).filter_map(|(seen, value)| match value {
            ValueAction::Redact(style) => Some(Mark::new(&seen.finding, &rules[seen.finding.rule as usize], style)),
            ValueAction::Keep => None,
        });
        Ok(redactions(text, marks.collect(), &judge.key))
    }

    /// Decides on new findings in the light of all. Returns what is done with each of the new ones.
    fn decide(&mut self, x: &mut Exchange, new: Vec<Seen>, path: &str) -> Result<Vec<ValueAction>, Blocked> {
        let judge = x.judge.clone();
        let rules = judge.policies.engine.rules();
        let from = self.evidence.len();
        self.evidence.extend(new);
        let evidence: Vec<Evidence<'_>> = (self.evidence.iter())
            .map(|seen| Evidence {
                finding: &seen.finding,
                rule: &rules[seen.finding.rule as usize],
                channel: seen.channel,
                fingerprint: &seen.fingerprint,
                seen_before: false,
            })
            .collect();
        let parts: Vec<Uninspected> =
            self.parts.iter().map(|part| x.report.receipt.uninspected[*part].clone()).collect();
        let mut decision = judge.policies.decide(&x.subject(Side::Answer), &evidence, &parts);
        let values = decision.values.split_off(from);
        for (seen, value) in self.evidence[from..].iter().zip(&values) {
            let redacted = matches!(value, ValueAction::Redact(_));
            let rule = &rules[seen.finding.rule as usize];
            let found = Found::new(rule, &seen.finding, (seen.channel, path), &seen.fingerprint, redacted);
            x.report.found(Found { answered: true, ..found });
        }
        x.report.decided(&decision);
        let told = message(&decision, &evidence);
        if !told.is_empty() {
            x.report.message = Some(told);
        }
        if decision.action >= Action::Justify {
            return Err(Blocked);
        }
        Ok(values)
    }

    /// Writes every event at the head of the queue whose text is decided.
    fn release(&mut self, x: &mut Exchange, now: Instant, out: &mut Vec<u8>) {
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

/// Whether data that is not JSON stands in brackets as JSON does: deeper than the limit, or with values that JSON lacks.
fn looks_whole(data: &[u8]) -> bool {
    let data = data.trim_ascii();
    matches!((data.first(), data.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
}
