//! What the texts of a body hold.

use super::budget::Budget;
use super::history::Known;
use super::report::Receipt;
use super::{Exchange, seam};
use crate::detect::{Disguise, Engine, Finding, MAX_WIDTH, Scratch};
use crate::pack::{Confidence, Rule};
use crate::provider::Walk;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// A finding in one of the segments of a walk, or in several.
pub(super) struct Located {
    /// The first one.
    pub segment: usize,
    /// With its range in the first one.
    pub finding: Finding,
    /// Where else a split value stands.
    pub rest: Vec<(usize, Range<usize>)>,
    pub fingerprint: String,
    pub seen_before: bool,
}

impl Located {
    /// Every place of the value: segment and range.
    pub fn places(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        std::iter::once((self.segment, self.finding.span.clone())).chain(self.rest.iter().cloned())
    }
}

/// How records and reasons name a value that stands in several places.
const SPLIT: &str = "split";

/// Bytes of text by how their findings came about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Known from an earlier exchange: not scanned again.
    pub hit: u64,
    /// Scanned, and known from now on.
    pub miss: u64,
    /// Scanned and not kept: too short to be worth it.
    pub short: u64,
}

/// Finds what the segments hold. What is left of them when the work is used up becomes an uninspected part of the walk.
pub(super) fn scan(x: &mut Exchange, walk: &mut Walk<'_>, scratch: &mut Scratch) -> Vec<Located> {
    let mut reader = Reader::new(x, walk);
    let mut receipt = Receipt::default();
    let mut found = Vec::new();
    for (index, segment) in walk.segments.iter().enumerate() {
        let inspected = reader.findings(&segment.text, scratch, &mut found);
        for finding in found.drain(..) {
            reader.locate(&segment.text, finding, index, Vec::new());
        }
        let left = match segment.text.len() {
            len if inspected < len => segment.source_span(inspected..len).len() as u64,
            _ => 0,
        };
        receipt.add_inspected(segment.channel, segment.source_len() - left);
        receipt.add_deadline(segment.channel, left, &segment.path);
    }
    reader.join(scratch, &mut receipt);
    let Reader { located, recognised, .. } = reader;
    x.report.recognised.add(recognised);
    for (channel, bytes) in receipt.inspected {
        x.report.receipt.add_inspected(channel, bytes);
    }
    walk.uninspected.append(&mut receipt.uninspected);
    located
}

impl Recognised {
    fn add(&mut self, other: Self) {
        self.hit += other.hit;
        self.miss += other.miss;
        self.short += other.short;
    }
}

/// Scans texts, or recalls what they hold.
struct Reader<'x, 'b> {
    x: &'x Exchange,
    walk: &'x Walk<'b>,
    engine: &'x Engine,
    known: Known<'x>,
    budget: Budget,
    /// Some of the user's values are remembered.
    remembers: bool,
    located: Vec<Located>,
    recognised: Recognised,
}

impl<'x, 'b> Reader<'x, 'b> {
    fn new(x: &'x Exchange, walk: &'x Walk<'b>) -> Self {
        let (judge, user) = (&x.judge, &x.opening.risk_key);
        let mut budget = Budget::new(judge.limits.work);
        budget.grow(walk.segments.iter().map(|segment| segment.text.len()).sum());
        Self {
            x,
            walk,
            engine: &judge.policies.engine,
            known: judge.history.of(user, &x.active),
            budget,
            remembers: judge.memory.knows(user),
            located: Vec::new(),
            recognised: Recognised::default(),
        }
    }

    /// Appends the findings of a text. Returns how far it was inspected.
    fn findings(&mut self, text: &str, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        let (bytes, before) = (text.len() as u64, out.len());
        let tag = self.known.tag(text);
        if tag.is_some_and(|tag| self.known.recall(tag, out)) {
            self.recognised.hit += bytes;
            return text.len();
        }
        if self.budget.left() == 0 {
            return 0;
        }
        self.budget.lend(scratch);
        let inspected = self.engine.scan(text, &self.x.active, scratch, out);
        self.budget.settle(scratch);
        match tag {
            Some(tag) => {
                self.recognised.miss += bytes;
                if inspected == text.len() {
                    self.known.keep(tag, &out[before..]);
                }
            }
            None => self.recognised.short += bytes,
        }
        inspected
    }

    /// Takes in a finding in `text`, unless it is suppressed.
    fn locate(&mut self, text: &str, finding: Finding, segment: usize, rest: Vec<(usize, Range<usize>)>) {
        let judge = &self.x.judge;
        let rule = self.rule(&finding);
        let value = finding.value(text);
        if judge.suppressed(rule, value) {
            return;
        }
        let fingerprint = judge.key.fingerprint(rule, value);
        let mut located = Located { segment, finding, rest, fingerprint, seen_before: false };
        located.seen_before = self.remembers
            && located.places().all(|(segment, _)| self.walk.history.binary_search(&segment).is_ok())
            && judge.memory.contains(&self.x.opening.risk_key, &located.fingerprint);
        self.located.push(located);
    }

    /// Finds the values that are split over several segments, or over several texts of one.
    fn join(&mut self, scratch: &mut Scratch, receipt: &mut Receipt) {
        let whole = self.located.len();
        let mut found = Vec::new();
        let mut known = HashSet::new();
        seam::chains(&self.walk.segments, |chain| {
            let inspected = self.findings(&chain.text, scratch, &mut found);
            let first = &self.walk.segments[chain.segment()];
            receipt.add_deadline(first.channel, (chain.text.len() - inspected) as u64, &first.path);
            for mut finding in found.drain(..) {
                // A value with an `until` would take in every text that follows.
                let places = chain.split(&finding.span).filter(|_| finding.opener.is_none());
                let Some(places) = places else { continue };
                let sure = match finding.confidence {
                    Confidence::Low => false,
                    Confidence::Medium => !chain.is_chance(&finding.span),
                    Confidence::High => true,
                };
                if !sure || self.explained(whole, &finding, &places) {
                    continue;
                }
                let (first, last) = (places[0].clone(), places[places.len() - 1].clone());
                if !known.insert((finding.rule, first.0, first.1.start, last.0, last.1.end)) {
                    continue;
                }
                let value = finding.value(&chain.text).to_owned();
                let inner = finding.disguise.iter().flat_map(|disguise| disguise.layers.iter().copied());
                finding.disguise =
                    Some(Arc::new(Disguise { layers: [SPLIT].into_iter().chain(inner).collect(), value }));
                (finding.span, finding.context) = (first.1, None);
                self.locate(&chain.text, finding, first.0, places[1..].to_vec());
            }
        });
    }

    /// Whether a part of a split value is a value already, at least as surely: the text beside it only looks as if it
    /// went on.
    fn explained(&self, whole: usize, finding: &Finding, places: &[(usize, Range<usize>)]) -> bool {
        let located = &self.located[..whole];
        places.iter().any(|(segment, range)| {
            let at = located.partition_point(|l| (l.segment, l.finding.span.start) <= (*segment, range.start));
            let near = located[..at]
                .iter()
                .rev()
                .take_while(|l| l.segment == *segment && l.finding.span.start + MAX_WIDTH >= range.end);
            near.into_iter().any(|l| l.finding.span.end >= range.end && l.finding.confidence >= finding.confidence)
        })
    }

    fn rule(&self, finding: &Finding) -> &'x Rule {
        &self.engine.rules()[finding.rule as usize]
    }
}
