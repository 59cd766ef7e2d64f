//! Judges the texts of events: those that continue lanes as far as they are decided, those that stand alone at once.

use super::lane::{GoingOn, LaneState, SignedText};
use super::writing::Place;
use super::{Blocked, Held, MOST_PARTS, MOST_SIGNED, StreamGuard};
use crate::action::{Mark, redactions};
use crate::decode::json::Json;
use crate::decode::lane::{Lane, LeafId};
use crate::decode::{Channel, Reason, Segment, Uninspected};
use crate::detect::{Finding, Scratch, StreamScanner};
use crate::exchange::report::Found;
use crate::exchange::{Exchange, Side};
use crate::policy::{Action, ValueAction, message};
use crate::provider::{Described, LaneKey, StreamLeaf};
use std::ops::Range;

impl StreamGuard {
    /// Adds a text to its lane and judges what became final.
    pub(super) fn continue_lane(
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
        let decided = self.decide(x);
        x.report.deadline(decided.is_ok());
        decided?;
        self.lanes.values_mut().for_each(|lane| lane.release(usize::MAX, &mut self.decided));
        Ok(())
    }

    /// Accounts for text that came and that nobody has read.
    pub(super) fn leave(&mut self, x: &mut Exchange, channel: Channel, bytes: usize) {
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
    pub(super) fn note(&mut self, x: &mut Exchange, parts: Vec<Uninspected>) -> Result<(), Blocked> {
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
            self.decide(x)?;
        }
        Ok(())
    }

    /// Everything in the lane is decided.
    pub(super) fn end_lane(&mut self, x: &mut Exchange, key: &LaneKey, scratch: &mut Scratch) -> Result<(), Blocked> {
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
        let judged = self.judge_text(x, relative, channel, &path, &text)?;
        let lane = self.lanes.get_mut(key).expect("looked up above");
        for (range, replacement) in judged.redactions {
            lane.redact(range.start + base..range.end + base, &replacement);
        }
        for (rule, start) in begun {
            let redacted = judged.redacted.contains(&(rule, start - base));
            lane.going_on.push(GoingOn { rule, start, redacted });
        }
        Ok(())
    }

    /// Judges a text that stands alone in its event.
    pub(super) fn scan_alone(
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

    /// Judges a tool that is described otherwise than before. There is nothing to redact: what asks for it ends the stream.
    pub(super) fn judge_tool(
        &mut self,
        x: &mut Exchange,
        tool: &Described,
        scratch: &mut Scratch,
        held: &mut Held,
    ) -> Result<(), Blocked> {
        let Some(text) = x.changed(tool) else { return Ok(()) };
        let edits = held.edits.len();
        self.scan_text(x, Channel::System, &tool.path, &text, Place::Data, scratch, held)?;
        x.report.receipt.take_inspected(Channel::System, text.len() as u64);
        if held.edits.len() > edits {
            x.report.action = Some(Action::Block);
            return Err(Blocked);
        }
        Ok(())
    }

    /// Judges base64 or a `data:` URI.
    pub(super) fn scan_payload(
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
    pub(super) fn scan_loose(
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
        let judged = self.judge_text(x, found, channel, path, text)?;
        if self.budget.left() == 0 {
            self.leave(x, channel, text.len() - inspected);
            self.give_up(x)?;
        }
        held.edits.extend(judged.redactions.into_iter().map(|(range, with)| (target, range, with)));
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
    ) -> Result<Judged, Blocked> {
        let judge = x.judge.clone();
        let rules = judge.policies.engine.rules();
        found.retain(|f| !judge.suppressed(&rules[f.rule as usize], f.value(text)));
        if found.is_empty() {
            return Ok(Judged::default());
        }
        let fingerprints: Vec<String> =
            found.iter().map(|f| judge.key.fingerprint(&rules[f.rule as usize], f.value(text))).collect();
        let new = self.evidence.add(channel, &found, &fingerprints);
        let decided = if new { self.decide(x) } else { Ok(()) };
        let mut judged = Judged::default();
        let mut marks = Vec::new();
        for (finding, fingerprint) in found.iter().zip(&fingerprints) {
            let rule = &rules[finding.rule as usize];
            let style = match self.evidence.outcome(channel, finding) {
                ValueAction::Redact(style) => Some(style),
                ValueAction::Keep => None,
            };
            let told = Found::new(rule, finding, (channel, path), fingerprint, style.is_some());
            x.report.found(Found { answered: true, ..told });
            if let Some(style) = style {
                marks.push(Mark::new(finding, rule, style, &x.origin()));
                judged.redacted.push((finding.rule, finding.span.start));
            }
        }
        decided?;
        judged.redactions = redactions(text, marks, &judge.key);
        Ok(judged)
    }

    /// Decides on all that was found and left uninspected so far.
    fn decide(&mut self, x: &mut Exchange) -> Result<(), Blocked> {
        let judge = x.judge.clone();
        let evidence = self.evidence.told(judge.policies.engine.rules());
        let parts: Vec<Uninspected> =
            self.parts.iter().map(|part| x.report.receipt.uninspected[*part].clone()).collect();
        let decision = judge.policies.decide(&x.subject(Side::Answer), &evidence, &parts);
        x.report.decided(&decision);
        let told = message(&decision, &evidence);
        if !told.is_empty() {
            x.report.message = Some(told);
        }
        self.evidence.decided(decision.values);
        if decision.action >= Action::Justify { Err(Blocked) } else { Ok(()) }
    }
}

/// What was decided on the findings in a text.
#[derive(Default)]
struct Judged {
    redactions: Vec<(Range<usize>, String)>,
    /// The findings that are redacted: their rules, and where they begin.
    redacted: Vec<(u32, usize)>,
}
