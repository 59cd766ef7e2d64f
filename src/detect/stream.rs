//! Streams: a lane's text comes in pieces and is decided as early as it can be.

use super::disguise::{Allowance, Cx, Lane, digits};
use super::latch::Latch;
use super::resolve::{Resolver, View};
use super::sweep::{Reached, sweep};
use super::{Engine, Finding, RuleSet, Scratch};
use std::sync::Arc;

/// Text kept beyond what is needed before it is thrown away, so that moving the rest costs little per byte.
pub(super) const SLACK: usize = 1024;

/// Scans one lane of a stream. Findings are those of the whole text (P2).
///
/// It keeps the text that is not decided yet and, before it, what context words and readings can still reach; time and
/// memory per piece do not grow with the length of the stream.
pub struct StreamScanner {
    engine: Arc<Engine>,
    active: Arc<RuleSet>,
    lane: Lane,
    allowance: Allowance,
}

impl StreamScanner {
    pub fn new(engine: Arc<Engine>, active: Arc<RuleSet>) -> Self {
        let lane = Lane::new(engine.decode_depth);
        Self { engine, active, lane, allowance: Allowance::default() }
    }

    /// Adds text. Returns the offset, from the lane's beginning, up to which everything is decided: no later text can change
    /// what was found before it or start a finding before it. What a rule only looks at in front of its value, the group
    /// `value`, is not held back for its sake. Findings that became final are appended to `out`, with offsets from the lane's beginning.
    ///
    /// The offset never lies inside a finding: findings that overlap become final together. Only one that [`goes on`] is
    /// handed out before its end is known, when it is sure how it begins; all text from there up to the offset, and on to
    /// the end of its span, belongs to it. With each call that tells more of it, it is lengthened in `out` if it is there,
    /// else appended again with the same rule and start.
    ///
    /// If the text holds more disguises than are read of a text of its length, all work that [`Scratch::set_budget`] allows
    /// counts as done.
    ///
    /// [`goes on`]: Finding::goes_on
    pub fn push(&mut self, text: &str, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        self.allowance.earn(text.len());
        self.advance(text, false, scratch, out)
    }

    /// The lane has ended: everything is decided.
    pub fn finish(&mut self, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        self.advance("", true, scratch, out)
    }

    fn advance(&mut self, text: &str, ended: bool, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        let Self { engine, active, lane, allowance } = self;
        lane.push(&mut Cx { engine, active, scratch, allowance }, text, ended, out)
    }

    /// Bytes that came but are not decided yet.
    pub fn held(&self) -> usize {
        self.lane.held()
    }
}

/// Scans a lane's text as it is written.
#[derive(Default)]
pub(super) struct WrittenScanner {
    /// The end of the lane's text, from `base` on.
    text: String,
    base: usize,
    /// Every candidate that begins before this is known.
    decided: usize,
    /// Rules whose next candidate may begin only later than `decided`.
    cursors: Vec<(u32, usize)>,
    /// Values with an `until` that have not ended.
    latches: Vec<Latch>,
    resolver: Resolver,
    settled: usize,
}

impl WrittenScanner {
    /// Looks for nothing that begins before `from`.
    pub fn starting_at(from: usize) -> Self {
        Self { decided: from, ..Self::default() }
    }

    /// As [`StreamScanner::push`], and [`StreamScanner::finish`] if the lane has `ended`.
    pub fn push(&mut self, cx: &mut Cx<'_>, text: &str, ended: bool, out: &mut Vec<Finding>) -> usize {
        self.text.push_str(text);
        let Cx { engine, active, scratch, .. } = cx;
        let base = self.base;
        scratch.begin(engine);
        self.latches.retain_mut(|latch| {
            let until = engine.compiled[latch.rule as usize].until.as_ref();
            latch.advance(until.expect("only rules with `until` latch"), &self.text, base, ended);
            self.resolver.lengthen(*latch, out);
            if latch.open {
                scratch.cursors.raise(latch.rule, usize::MAX);
            } else {
                self.cursors.push((latch.rule, latch.reach));
            }
            latch.open
        });
        for (rule, next) in &self.cursors {
            scratch.cursors.raise(*rule, next - base);
        }
        let from = self.decided - base;
        let reached = sweep(engine, &self.text, from, ended, active, scratch);
        let Reached { live, free } = digits::read(engine, &self.text, from, ended, active, scratch, reached);
        // Where a latched value may end, its rule may begin again, and other findings are no longer part of it.
        let reaches = self.latches.iter().map(|l| l.reach - base);
        let open = scratch.candidates.iter().filter_map(|c| c.latch).filter(|l| l.open).map(|l| l.reach);
        let open = reaches.chain(open).min().unwrap_or(usize::MAX);
        let mut free = base + free.min(open);
        self.decided = base + live.min(open);
        let decided = self.decided;
        self.cursors.retain(|(_, next)| *next > decided);
        for mut candidate in scratch.candidates.drain(..) {
            candidate.shift(base);
            if candidate.start >= self.decided {
                // It will be found again.
                if candidate.possible(engine) {
                    free = free.min(candidate.value.0);
                }
                continue;
            }
            match candidate.latch {
                Some(latch) if latch.open => self.latches.push(latch),
                _ if candidate.next() > self.decided => self.cursors.push((candidate.rule, candidate.next())),
                _ => {}
            }
            self.resolver.add(engine, candidate);
        }
        let view = View { text: &self.text, base, decided: self.decided, free, ended };
        self.settled = self.resolver.resolve(engine, view, &mut scratch.surroundings, out);
        self.forget(engine);
        self.settled
    }

    /// Whether a value with an `until` has begun and not ended.
    pub fn latched(&self) -> bool {
        !self.latches.is_empty()
    }

    /// Throws away text that nothing needs any more.
    fn forget(&mut self, engine: &Engine) {
        let needed = self.resolver.earliest().unwrap_or(self.decided).min(self.decided);
        // One character more, for word boundaries.
        let mut from =
            needed.saturating_sub(self.base + engine.words.reach().max(digits::LOOK_BEHIND) + char::MAX.len_utf8());
        if from > SLACK {
            while !self.text.is_char_boundary(from) {
                from -= 1;
            }
            self.text.drain(..from);
            self.base += from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::agreement::{SHIPPED, rule};
    use super::*;
    use crate::pack::{Confidence, ContextWords, Ladder, Rule};

    fn scanner(rules: Vec<Rule>) -> StreamScanner {
        let mut engine = Engine::compile(rules.into_iter().map(Arc::new).collect()).expect("rules of this test");
        engine.set_decode_depth(0);
        let active = Arc::new(engine.all());
        StreamScanner::new(Arc::new(engine), active)
    }

    #[test]
    fn releases_up_to_what_can_still_begin() {
        let mut scanner = scanner(vec![rule("number", &[r"\b\d{4}-\d{4}\b"]), rule("key", &[r"\bkey_[a-z]{4}"])]);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        let mut push = |text: &str| (scanner.push(text, &mut scratch, &mut out), out.len());
        assert_eq!(push("call 12"), (5, 0));
        assert_eq!(push("34 or"), (12, 0), "1234 was not the number");
        assert_eq!(push(" 1234-567"), (13, 0));
        assert_eq!(push("8"), (13, 0), "a digit may follow");
        assert_eq!(push(" ke"), (23, 1));
        assert_eq!(push("y"), (23, 1));
        assert_eq!(push("s and"), (31, 1));
    }

    #[test]
    fn waits_for_context_only_where_it_matters() {
        let context = Some(ContextWords::any(vec!["tax id".into()], 8));
        let ladder =
            Ladder { pattern: None, validated: None, context: Some(Confidence::High), validated_context: None };
        let mut scanner = scanner(vec![Rule { context, ladder, ..rule("tax", &[r"\b\d{4}\b"]) }]);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        let mut push = |text: &str| (scanner.push(text, &mut scratch, &mut out), out.len());
        assert_eq!(push("tax id 1234,"), (12, 1), "the word before decides at once");
        assert_eq!(push(" some long text between 5678."), (36, 1));
        assert_eq!(push(" a nic t"), (36, 1), "a word may begin within eight bytes");
        assert_eq!(push("our"), (52, 1), "`tour` is none, and the window is over");
        assert_eq!(push(". 9999 (tax"), (54, 1));
        assert_eq!(push(" id)"), (67, 2));
    }

    #[test]
    fn memory_does_not_grow_with_the_stream() {
        let mut scanner = scanner(vec![rule("number", &[r"\b\d{4}-\d{4}\b"])]);
        let (mut scratch, mut out) = (Scratch::default(), Vec::new());
        for _ in 0..2000 {
            scanner.push("some words and 1234-5678 then", &mut scratch, &mut out);
            assert!(scanner.lane.kept() < 2 * SLACK);
        }
        assert_eq!(out.len(), 2000);
    }

    #[test]
    fn p2_in_prose_only_the_current_words_are_held() {
        let engine = SHIPPED.engine.clone();
        let active = Arc::new(engine.all());
        let mut scanner = StreamScanner::new(engine, active);
        let (mut scratch, mut out, mut held) = (Scratch::default(), Vec::new(), Vec::new());
        let text = "The committee met on a rainy afternoon and went through the list of open questions, one after the other. \
            Nobody had expected that the second point would take so long, but the discussion was friendly, and in the end a \
            plan was made that everyone could live with. After a short break they turned to the budget of the coming year. ";
        for piece in text.split_inclusive(' ') {
            scanner.push(piece, &mut scratch, &mut out);
            held.push(scanner.held());
        }
        held.sort_unstable();
        assert!(out.is_empty());
        assert_eq!(held[held.len() * 9 / 10], 0, "a space after a word decides it, nine times of ten: {held:?}");
    }
}
