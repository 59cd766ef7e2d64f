//! Streams: a lane's text comes in pieces and is decided as early as it can be.

use super::resolve::{Resolver, View};
use super::sweep::sweep;
use super::{Engine, Finding, RuleSet, Scratch};
use std::sync::Arc;

/// Text kept beyond what is needed before it is thrown away, so that moving the rest costs little per byte.
const SLACK: usize = 1024;

/// Scans one lane of a stream. Findings are those of the whole text (P2).
///
/// It keeps the text that is not decided yet and, before it, what context words can still reach; time and memory per piece
/// do not grow with the length of the stream.
pub struct StreamScanner {
    engine: Arc<Engine>,
    active: Arc<RuleSet>,
    /// The end of the lane's text, from `base` on.
    text: String,
    base: usize,
    /// Every candidate that begins before this is known.
    decided: usize,
    /// Rules whose next candidate may begin only later than `decided`.
    cursors: Vec<(u32, usize)>,
    resolver: Resolver,
    settled: usize,
}

impl StreamScanner {
    pub fn new(engine: Arc<Engine>, active: Arc<RuleSet>) -> Self {
        Self {
            engine,
            active,
            text: String::new(),
            base: 0,
            decided: 0,
            cursors: Vec::new(),
            resolver: Resolver::default(),
            settled: 0,
        }
    }

    /// Adds text. Returns the offset, from the lane's beginning, up to which everything is decided: no later text can change
    /// what was found before it or start a finding before it. Findings that became final are appended to `out`, with offsets from the lane's beginning.
    ///
    /// The offset never lies inside a finding: findings that overlap become final together.
    pub fn push(&mut self, text: &str, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        self.text.push_str(text);
        self.advance(false, scratch, out)
    }

    /// The lane has ended: everything is decided.
    pub fn finish(&mut self, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        self.advance(true, scratch, out)
    }

    /// Bytes that came but are not decided yet.
    pub fn held(&self) -> usize {
        self.base + self.text.len() - self.settled
    }

    fn advance(&mut self, ended: bool, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        let base = self.base;
        scratch.begin(&self.engine);
        for (rule, next) in &self.cursors {
            scratch.cursors.raise(*rule, next - base);
        }
        let live = sweep(&self.engine, &self.text, self.decided - base, ended, &self.active, scratch);
        self.decided = base + live;
        self.cursors.retain(|(_, next)| *next > base + live);
        for mut candidate in scratch.candidates.drain(..).filter(|c| c.start < live) {
            candidate.shift(base);
            if !candidate.rejected && candidate.end > base + live {
                self.cursors.push((candidate.rule, candidate.end));
            }
            self.resolver.add(&self.engine, candidate);
        }
        let view = View { text: &self.text, base, decided: self.decided, ended };
        self.settled = self.resolver.resolve(&self.engine, view, &mut scratch.surroundings, out);
        self.forget();
        self.settled
    }

    /// Throws away text that nothing needs any more.
    fn forget(&mut self) {
        let needed = self.resolver.earliest().unwrap_or(self.decided).min(self.decided);
        // One character more, for word boundaries.
        let mut from = needed.saturating_sub(self.base + self.engine.words.reach() + char::MAX.len_utf8());
        if from > SLACK {
            while !self.text.is_char_boundary(from) {
                from -= 1;
            }
            self.text.drain(..from);
            self.base += from;
        }
    }
}
