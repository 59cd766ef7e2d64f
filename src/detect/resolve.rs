//! From candidates to findings: rejected ones that an accepted one explains, context words, confidence, overlaps.
//!
//! Works on a whole text at once and on what a stream has decided so far; a candidate waits until nothing that comes later
//! can change what becomes of it.

use super::context::Hit;
use super::disguise::digits::{self, Reading};
use super::latch::Latch;
use super::pattern::MAX_WIDTH;
use super::{Candidate, Disguise, Engine, Finding};
use std::cmp::Reverse;
use std::sync::Arc;

/// Text as far as it is at hand.
#[derive(Clone, Copy)]
pub(super) struct View<'t> {
    pub text: &'t str,
    /// Where `text` begins, from the beginning of the lane.
    pub base: usize,
    /// Every candidate that begins before this offset is known.
    pub decided: usize,
    /// Every candidate whose value begins before this offset is known.
    pub free: usize,
    /// Nothing comes after `text`.
    pub ended: bool,
}

/// Memory for context words, reused.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// Parts of the text to look at: start, end, and the first position that later text can still change.
    regions: Vec<(usize, usize, usize)>,
    hits: Vec<Hit>,
    /// All context words of the text are in `hits` already.
    known: bool,
}

impl Surroundings {
    /// The context words of the whole text; to be taken back by [`Surroundings::give_back`].
    pub fn take(&mut self, words: &mut Vec<Hit>) {
        std::mem::swap(&mut self.hits, words);
        self.known = true;
    }

    /// The context words of the whole text, if they are known.
    pub fn known(&self) -> Option<&[Hit]> {
        self.known.then_some(&self.hits)
    }

    pub fn give_back(&mut self, words: &mut Vec<Hit>) {
        std::mem::swap(&mut self.hits, words);
        self.known = false;
    }
}

/// Candidates that wait and findings that are not handed out yet; offsets from the beginning of the lane.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    waiting: Vec<Candidate>,
    /// Sorted up to `settled`.
    findings: Vec<Finding>,
    /// How many findings are in their final place: none will come before them.
    settled: usize,
    /// Where the settled findings end: they overlap one another, and later ones may overlap them.
    settled_end: usize,
    /// Values with an `until` that were handed out and that later findings may lie in.
    latched: Vec<Finding>,
}

impl Resolver {
    pub fn clear(&mut self) {
        self.waiting.clear();
        self.findings.clear();
        self.settled = 0;
        self.settled_end = 0;
        self.latched.clear();
    }

    /// Takes in a candidate, if it can become a finding at all.
    pub fn add(&mut self, engine: &Engine, candidate: Candidate) {
        if candidate.possible(engine) {
            self.waiting.push(candidate);
        }
    }

    /// More is known of a value with an `until`; it is told to those who have it already.
    pub fn lengthen(&mut self, latch: Latch, out: &mut Vec<Finding>) {
        let waiting = self.waiting.iter_mut().filter_map(|c| c.latch.as_mut());
        waiting.filter(|l| (l.rule, l.start) == (latch.rule, latch.start)).for_each(|l| *l = latch);
        let of_latch = |f: &&mut Finding| f.begins_as(latch.rule, latch.start);
        let lengthen = |f: &mut Finding| (f.span.end, f.goes_on) = (latch.reach, latch.open);
        self.findings.iter_mut().filter(of_latch).for_each(lengthen);
        for finding in self.latched.iter_mut().filter(of_latch) {
            lengthen(finding);
            match out.iter_mut().rfind(of_latch) {
                Some(told) => *told = finding.clone(),
                None => out.push(finding.clone()),
            }
        }
    }

    /// The earliest text that a waiting candidate may still look at; `None` if none waits.
    pub fn earliest(&self) -> Option<usize> {
        self.waiting.iter().map(|c| c.start).min()
    }

    /// Decides what can be decided and hands out findings, in order. Returns the offset up to which all are handed out.
    pub fn resolve(
        &mut self,
        engine: &Engine,
        view: View<'_>,
        surroundings: &mut Surroundings,
        out: &mut Vec<Finding>,
    ) -> usize {
        if !self.waiting.is_empty() {
            self.waiting.sort_unstable_by_key(|c| (c.start, c.end, c.rule));
            self.drop_explained();
            surroundings.search(engine, &view, &mut self.waiting);
            let findings = &mut self.findings;
            self.waiting.retain_mut(|candidate| {
                match judge(engine, &view, surroundings, candidate) {
                    Judgement::Wait => return true,
                    Judgement::Nothing => {}
                    Judgement::Finding(finding) => findings.push(finding),
                }
                false
            });
        }
        let until = self.waiting.iter().map(|c| c.value.0).fold(view.free, usize::min);
        self.hand_out(until, out)
    }

    /// Drops rejected candidates that overlap a later accepted one of the same rule. (An earlier accepted one cannot
    /// overlap: the cursor has moved past it.)
    fn drop_explained(&mut self) {
        let waiting = &mut self.waiting;
        let mut at = 0;
        while at < waiting.len() {
            let own = waiting[at];
            let explained = own.rejected
                && waiting[at + 1..]
                    .iter()
                    .take_while(|later| later.start < own.end)
                    .any(|later| later.rule == own.rule && !later.rejected && later.reading == Reading::AsWritten);
            if explained {
                waiting[at].dropped = true;
            }
            at += 1;
        }
        waiting.retain(|c| !c.dropped);
    }

    /// Hands out every group of overlapping findings that ends by `until`; of a value with an `until` how it begins counts.
    fn hand_out(&mut self, until: usize, out: &mut Vec<Finding>) -> usize {
        let end_of = |f: &Finding| if f.opener.is_some() { usize::MAX } else { f.span.end };
        let order =
            |f: &Finding| (f.span.start, end_of(f), f.rule, f.disguise.is_some(), Reverse(f.confidence), !f.validated);
        self.findings[self.settled..].sort_unstable_by_key(order);
        let (mut first, mut end) = (0, self.settled_end);
        let settled = self.findings.partition_point(|f| f.span.start < until);
        for at in self.settled..settled {
            let (start, head_end) = (self.findings[at].span.start, self.findings[at].head_end());
            if at > first && start >= end {
                survivors(&self.findings[first..at], &mut self.latched, out);
                first = at;
            }
            end = end.max(head_end);
        }
        if settled > first && end <= until {
            survivors(&self.findings[first..settled], &mut self.latched, out);
            first = settled;
        }
        self.findings.drain(..first);
        self.settled = settled - first;
        self.settled_end = end;
        if self.settled > 0 { self.findings[0].span.start } else { until }
    }
}

/// The findings of a group that no longer and at least as sure one contains. One with an `until` always survives: it is
/// handed out before its end is known.
fn survivors(group: &[Finding], latched: &mut Vec<Finding>, out: &mut Vec<Finding>) {
    latched.retain(|l| l.span.end > group[0].span.start);
    latched.extend(group.iter().filter(|f| f.opener.is_some()).cloned());
    for (at, own) in group.iter().enumerate() {
        let explains = |other: &Finding| {
            own.opener.is_none()
                && (other.span != own.span || other.opener.is_some())
                && other.span.start <= own.span.start
                && own.span.end <= other.span.end
                && other.confidence >= own.confidence
                && (other.disguise.is_none() || own.disguise.is_some())
        };
        let repeated = at > 0 && group[at - 1].rule == own.rule && group[at - 1].span == own.span;
        let before = group[..at].iter().rev().take_while(|o| o.span.start + MAX_WIDTH >= own.span.end);
        let beside = group[at + 1..].iter().take_while(|o| o.span.start == own.span.start);
        if !repeated && !before.chain(beside).chain(latched.iter()).any(explains) {
            out.push(own.clone());
        }
    }
}

enum Judgement {
    Wait,
    Nothing,
    Finding(Finding),
}

fn judge(engine: &Engine, view: &View<'_>, surroundings: &Surroundings, candidate: &mut Candidate) -> Judgement {
    let rule = candidate.rule as usize;
    let ladder = engine.rules[rule].ladder;
    let finding = |confidence, context: Option<Hit>| match (confidence, candidate.reading) {
        (None, _) => Judgement::Nothing,
        (_, Reading::Joined { needs_context: true, .. }) if context.is_none() => Judgement::Nothing,
        (Some(confidence), reading) => Judgement::Finding(Finding {
            rule: candidate.rule,
            span: candidate.value.0..candidate.latch.map_or(candidate.value.1, |latch| latch.reach),
            opener: candidate.latch.map(|_| candidate.value.0..candidate.value.1),
            goes_on: candidate.latch.is_some_and(|latch| latch.open),
            confidence,
            validated: candidate.validated,
            context: context.map(|hit| hit.start + view.base..hit.end + view.base),
            disguise: match reading {
                Reading::AsWritten => None,
                Reading::Joined { spelled, .. } => Some(Arc::new(Disguise {
                    layers: vec![if spelled { "spelled" } else { "digits" }],
                    value: digits::value(view.text, candidate.value.0 - view.base..candidate.value.1 - view.base),
                })),
            },
        }),
    };
    if candidate.rejected {
        // An accepted one that begins within it may still come.
        return if view.ended || view.decided >= candidate.end {
            finding(ladder.pattern, None)
        } else {
            Judgement::Wait
        };
    }
    if !engine.compiled[rule].context[usize::from(candidate.validated)] {
        return finding(ladder.reached(candidate.validated, false), None);
    }
    let with_context = ladder.reached(candidate.validated, true);
    let (start, end) = (candidate.start - view.base, candidate.end - view.base);
    if engine.words.adds_up(rule) {
        let after = engine.words.after(rule, end);
        if !view.ended && (surroundings.undecided(after.start) < after.end || after.end > view.text.len()) {
            return Judgement::Wait;
        }
        let hits = &surroundings.hits;
        let nearest =
            || engine.words.nearest_before(rule, start, hits).or_else(|| engine.words.nearest_after(rule, end, hits));
        return match engine.words.suffices(rule, start..end, hits) {
            true => finding(with_context, nearest()),
            false => finding(ladder.reached(candidate.validated, false), None),
        };
    }
    if !candidate.nothing_before
        && let Some(hit) = engine.words.nearest_before(rule, start, &surroundings.hits)
    {
        return finding(with_context, Some(hit));
    }
    let after = engine.words.after(rule, end);
    let undecided = surroundings.undecided(after.start);
    let hit = engine.words.nearest_after(rule, end, &surroundings.hits);
    if let Some(hit) = hit.filter(|hit| hit.start < undecided) {
        return finding(with_context, Some(hit));
    }
    if !view.ended && (undecided < after.end || after.end > view.text.len()) {
        candidate.nothing_before = true;
        return Judgement::Wait;
    }
    finding(ladder.reached(candidate.validated, false), None)
}

impl Surroundings {
    /// Finds the context words around those candidates that context can raise.
    fn search(&mut self, engine: &Engine, view: &View<'_>, candidates: &mut [Candidate]) {
        self.regions.clear();
        if self.known {
            return;
        }
        self.hits.clear();
        for candidate in candidates.iter() {
            let rule = candidate.rule as usize;
            if candidate.rejected || !engine.compiled[rule].context[usize::from(candidate.validated)] {
                continue;
            }
            if !candidate.nothing_before {
                let before = engine.words.before(rule, candidate.start - view.base);
                self.regions.push((before.start, before.end, 0));
            }
            let after = engine.words.after(rule, candidate.end - view.base);
            self.regions.push((after.start, after.end, 0));
        }
        if self.regions.is_empty() {
            return;
        }
        self.regions.sort_unstable();
        self.regions.dedup_by(|next, merged| {
            let joins = next.0 <= merged.1;
            if joins {
                merged.1 = merged.1.max(next.1);
            }
            joins
        });
        for (start, end, undecided) in &mut self.regions {
            *undecided = engine.words.find(view.text, *start..*end, view.ended, &mut self.hits);
        }
    }

    /// The first position, in the region that holds `at`, that later text can still change.
    fn undecided(&self, at: usize) -> usize {
        let region = self.regions.partition_point(|(start, _, _)| *start <= at);
        region.checked_sub(1).map_or(usize::MAX, |region| self.regions[region].2)
    }
}
