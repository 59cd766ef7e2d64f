//! What the texts of a body hold.

use super::Exchange;
use super::history::Known;
use crate::detect::{Engine, Finding, RuleSet, Scratch};
use crate::provider::Walk;

/// A finding in one of the segments of a walk.
pub(super) struct Located {
    pub segment: usize,
    pub finding: Finding,
    pub fingerprint: String,
    pub seen_before: bool,
}

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

/// Finds what the segments hold.
pub(super) fn scan(x: &mut Exchange, walk: &Walk<'_>, scratch: &mut Scratch) -> Vec<Located> {
    let judge = x.judge.clone();
    let user = &x.opening.risk_key;
    let rules = judge.policies.engine.rules();
    let remembers = judge.memory.knows(user);
    let known = judge.history.of(user, &x.active);
    let mut reader =
        Reader { engine: &judge.policies.engine, active: &x.active, known, recognised: Recognised::default() };
    let mut located = Vec::new();
    let mut found = Vec::new();
    for (index, segment) in walk.segments.iter().enumerate() {
        reader.findings(&segment.text, scratch, &mut found);
        for finding in found.drain(..) {
            let rule = &rules[finding.rule as usize];
            let value = finding.value(&segment.text);
            if judge.suppressed(rule, value) {
                continue;
            }
            let fingerprint = judge.key.fingerprint(rule, value);
            let seen_before = remembers && walk.history.contains(&index) && judge.memory.contains(user, &fingerprint);
            located.push(Located { segment: index, finding, fingerprint, seen_before });
        }
    }
    x.report.recognised.add(reader.recognised);
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
struct Reader<'x> {
    engine: &'x Engine,
    active: &'x RuleSet,
    known: Known<'x>,
    recognised: Recognised,
}

impl Reader<'_> {
    /// Appends the findings of a text.
    fn findings(&mut self, text: &str, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        let (bytes, before) = (text.len() as u64, out.len());
        let tag = self.known.tag(text);
        if tag.is_some_and(|tag| self.known.recall(tag, out)) {
            self.recognised.hit += bytes;
            return text.len();
        }
        let inspected = self.engine.scan(text, self.active, scratch, out);
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
}
