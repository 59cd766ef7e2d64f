//! Streamed answers: events in, events out, held back only while a decision is pending.
//!
//! Each lane (choice, content block, tool call, reasoning) has its own scanner. An event is forwarded, as the bytes that came,
//! as soon as all its text is decided; events keep their order. Where a value must not leave, its bytes are cut out of the
//! events that carry it and what stands for it is put where it began. A blocked value ends the stream by protocol (P2).

use super::budget::Budget;
use super::report::{Fault as Happened, Found};
use super::{Exchange, Side};
use crate::action::{Mark, redactions};
use crate::decode::framing::{Event, Framer, Framing, is_terminator};
use crate::decode::json::{Json, Limits, NodeId};
use crate::decode::lane::{Lane, LeafId};
use crate::decode::{Channel, Reason, Replacement, Segment, Uninspected, rewrite};
use crate::detect::{Finding, Scratch, StreamScanner};
use crate::policy::{Action, Evidence, ValueAction, message};
use crate::provider::{Fault, LaneKey, Marks, StreamDialect, StreamLeaf};
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

/// Judges one streamed answer.
pub struct StreamGuard {
    events: Framer,
    dialect: Box<dyn StreamDialect>,
    lanes: HashMap<LaneKey, LaneState>,
    queue: VecDeque<(Event, Held)>,
    /// Leaves that were decided, with the changes to each, until their event leaves.
    decided: HashMap<LeafId, Vec<(Range<usize>, String)>>,
    /// Bytes in `queue`.
    held: usize,
    next_leaf: u64,
    /// Everything found so far, so that counts in policies hold over the whole answer.
    evidence: Vec<Seen>,
    budget: Budget,
    /// Where in the receipt the parts of this stream are that nobody inspected.
    parts: Vec<usize>,
    /// Once the work of scanning is used up: the part of the receipt for what nobody has read.
    unread: Option<usize>,
    over: bool,
}

/// A finding that was judged.
struct Seen {
    finding: Finding,
    fingerprint: String,
    channel: Channel,
    redacted: bool,
}

/// A value that was judged when it began and has not ended.
struct GoingOn {
    rule: u32,
    start: usize,
    redacted: bool,
}

/// One lane with its scanner.
struct LaneState {
    lane: Lane,
    scanner: StreamScanner,
    channel: Channel,
    path: String,
    /// The lane's text from `base` on: what may still be part of a value.
    text: String,
    base: usize,
    going_on: Vec<GoingOn>,
    /// Where the last redaction ends, so far.
    redacted: usize,
}

impl LaneState {
    /// Replaces a range of the lane's text; of one that overlaps the last redaction the rest is removed with that.
    fn redact(&mut self, range: Range<usize>, replacement: &str) {
        if range.start >= self.redacted {
            self.redacted = range.end;
            self.lane.replace(range, replacement);
        } else if range.end > self.redacted {
            self.lane.replace(self.redacted..range.end, "");
            self.redacted = range.end;
        }
    }

    /// Takes what is more of values that were judged when they began, and redacts it if they were.
    fn lengthen(&mut self, found: &mut Vec<Finding>) {
        found.retain(|more| {
            let known = |g: &GoingOn| (g.rule, g.start) == (more.rule, more.span.start);
            let Some(at) = self.going_on.iter().position(known) else { return true };
            if self.going_on[at].redacted {
                self.redact(more.span.clone(), "");
            }
            if !more.goes_on {
                self.going_on.swap_remove(at);
            }
            false
        });
    }

    /// Lets go of what is decided.
    fn release(&mut self, settled: usize, decided: &mut HashMap<LeafId, Vec<(Range<usize>, String)>>) {
        let mut released = Vec::new();
        self.lane.release(settled, &mut released);
        decided.extend(released.into_iter().map(|r| (r.leaf, r.edits)));
        let done = settled.min(self.base + self.text.len());
        self.text.drain(..done - self.base);
        self.base = done;
    }
}

/// What an event in the queue waits for.
struct Held {
    /// Its texts that continue lanes: they are decided when the lane releases them.
    leaves: Vec<(LeafId, NodeId)>,
    /// Replacements in texts that stand alone, decided at once.
    edits: Vec<(Place, Range<usize>, String)>,
    /// Copies of its text that go when the text is rewritten.
    copies: Vec<NodeId>,
    marks: Marks,
    since: Instant,
}

impl Held {
    fn new(since: Instant) -> Self {
        Self { leaves: Vec::new(), edits: Vec::new(), copies: Vec::new(), marks: Marks::default(), since }
    }
}

/// Where in an event's data a replacement goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A JSON string of text.
    Text(NodeId),
    /// A JSON string that holds JSON source.
    Source(NodeId),
    /// A JSON string of base64.
    Payload(NodeId),
    /// Data that is not JSON.
    Data,
}

/// A value must not leave and the stream has to end.
struct Blocked;

impl StreamGuard {
    pub(super) fn new(x: &Exchange, framing: Framing) -> Self {
        let dialect = x.dialect.stream(&x.opening.target, framing);
        let largest = if dialect.whole() { x.judge.limits.answer } else { x.judge.limits.held };
        Self {
            events: Framer::new(framing, largest),
            dialect,
            lanes: HashMap::new(),
            queue: VecDeque::new(),
            decided: HashMap::new(),
            held: 0,
            next_leaf: 0,
            evidence: Vec::new(),
            budget: Budget::new(x.judge.limits.work),
            parts: Vec::new(),
            unread: None,
            over: false,
        }
    }

    /// Judges a piece of the answer as it came and writes what may go out.
    pub fn push(&mut self, x: &mut Exchange, piece: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Flow {
        if self.over {
            return Flow::End;
        }
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
        if framed.is_err() {
            return self.fail(x, "event_too_large", Fault::Upstream, out);
        }
        if self.held > x.judge.limits.held {
            return self.fail(x, "holdback_cap", Fault::Upstream, out);
        }
        Flow::Continue
    }

    /// The upstream's answer has ended: writes what was held back, or the provider's stream error.
    pub fn end(&mut self, x: &mut Exchange, how: UpstreamEnd, scratch: &mut Scratch, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
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
        let mut held = Held::new(now);
        let Some(data) = event.data() else {
            // comments and blank lines
            self.queue_up(held, event);
            return Ok(());
        };
        let json = Json::parse(&data, &x.judge.limits.json).ok();
        if json.is_none() && !is_terminator(&data) {
            self.scan_loose(x, &data, scratch, &mut held)?;
        }
        let facts = self.dialect.event(event.name(), json.as_ref());
        x.report.usage.merge(facts.usage);
        x.report.backstop_leaves += facts.backstop_leaves;
        held.copies = facts.copies;
        held.marks = facts.marks;
        self.note(x, facts.uninspected)?;
        if let Some(json) = &json {
            for leaf in &facts.deltas {
                let id = self.continue_lane(x, json, leaf, scratch)?;
                held.leaves.push((id, leaf.node));
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
        self.queue_up(held, event);
        x.report.phases.scan += (x.judge.clock)() - now;
        Ok(())
    }

    fn queue_up(&mut self, held: Held, event: Event) {
        self.held += event.raw().len();
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
        let lane = self.lanes.entry(leaf.lane.clone()).or_insert_with(|| LaneState {
            lane: if leaf.json_fragment { Lane::json() } else { Lane::plain() },
            scanner: StreamScanner::new(x.judge.policies.engine.clone(), x.active.clone()),
            channel: leaf.channel,
            path: leaf.lane.path(),
            text: String::new(),
            base: 0,
            going_on: Vec::new(),
            redacted: 0,
        });
        let id = LeafId(self.next_leaf);
        self.next_leaf += 1;
        let text = json.node(leaf.node).str().unwrap_or_default();
        x.report.receipt.add_inspected(leaf.channel, text.len() as u64);
        let mut found = Vec::new();
        let grown = lane.lane.push(id, &text);
        lane.text.push_str(&grown);
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
        lane.text.push_str(&rest);
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

    /// Judges base64, if it is text.
    fn scan_payload(
        &mut self,
        x: &mut Exchange,
        json: &Json<'_>,
        leaf: &StreamLeaf,
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        let node = json.node(leaf.node);
        match Segment::base64(leaf.channel, node) {
            Ok(segment) => {
                let target = Place::Payload(leaf.node);
                self.scan_text(x, leaf.channel, &segment.path, &segment.text, target, scratch, held)
            }
            Err(reason) => {
                let bytes = node.span().len() as u64;
                self.note(x, vec![Uninspected { reason, channel: leaf.channel, bytes, path: node.path() }])
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
            let (event, held) = self.queue.pop_front().expect("there is a front");
            if !held.leaves.is_empty() {
                x.report.hold(now - held.since);
            }
            self.write(event, held, &x.judge.limits.json, out);
        }
    }

    /// Writes one event: the bytes that came, but for what was replaced.
    fn write(&mut self, event: Event, held: Held, limits: &Limits, out: &mut Vec<u8>) {
        self.dialect.sent(&held.marks);
        let mut edits = held.edits;
        for (leaf, node) in held.leaves {
            let changes = self.decided.remove(&leaf).unwrap_or_default();
            edits.extend(changes.into_iter().map(|(range, text)| (Place::Text(node), range, text)));
        }
        if edits.is_empty() {
            out.extend_from_slice(event.raw());
            return;
        }
        let data = event.data().expect("only data is replaced");
        let json = Json::parse(&data, limits).ok();
        let mut segments: Vec<(Place, Segment<'_>)> = Vec::new();
        let mut replacements = Vec::new();
        for (target, range, text) in edits {
            let segment = segments.iter().position(|(t, _)| *t == target).unwrap_or_else(|| {
                segments.push((target, segment(target, json.as_ref(), &data)));
                segments.len() - 1
            });
            replacements.push(Replacement { segment, range, text });
        }
        let mut segments: Vec<Segment<'_>> = segments.into_iter().map(|(_, segment)| segment).collect();
        if let Some(json) = &json {
            for copy in held.copies {
                let node = json.node(copy);
                let (segment, range) = (segments.len(), 0..node.raw_str().len());
                segments.push(Segment::raw(Channel::Response, node.path(), node.span(), node.raw_str()));
                replacements.push(Replacement { segment, range, text: "null".into() });
            }
        }
        let rewritten = rewrite(&data, &segments, &replacements);
        out.extend(event.with_data(&rewritten));
    }

    /// Ends the stream with the provider's filter stop reason. What is still held never leaves.
    fn block(&mut self, x: &mut Exchange, out: &mut Vec<u8>) -> Flow {
        let now = (x.judge.clock)();
        self.release(x, now, out);
        self.queue.clear();
        self.held = 0;
        self.over = true;
        let message = x.report.message.clone().unwrap_or_default();
        out.extend(self.dialect.blocked(&x.refusal(&message)));
        Flow::End
    }

    /// Ends the stream with the provider's stream error.
    fn fail(&mut self, x: &mut Exchange, fault: &'static str, kind: Fault, out: &mut Vec<u8>) -> Flow {
        self.queue.clear();
        self.held = 0;
        self.over = true;
        x.report.faults.push(Happened { phase: "stream", fault, open: false });
        let message = match kind {
            Fault::Timeout => "the model sent nothing more in time; the answer is incomplete",
            _ => "the model's answer broke off; it is incomplete",
        };
        out.extend(self.dialect.failed(kind, &x.refusal(message)));
        Flow::End
    }
}

/// The text of an event's data that a replacement is in.
fn segment<'b>(target: Place, json: Option<&Json<'b>>, data: &'b [u8]) -> Segment<'b> {
    match (target, json) {
        (Place::Text(node), Some(json)) => Segment::string(Channel::Response, json.node(node)),
        (Place::Source(node), Some(json)) => Segment::json_text(Channel::Response, json.node(node)),
        (Place::Payload(node), Some(json)) => {
            Segment::base64(Channel::Response, json.node(node)).expect("what was scanned is text")
        }
        _ => {
            let text = std::str::from_utf8(data).expect("only text was scanned");
            Segment::raw(Channel::Response, "event", 0..data.len(), text)
        }
    }
}
