//! What another matcher needs to stand in for the sweep, so that it can be compared with it: patterns out, places in.
//! Everything behind the sweep — validators, context, overlaps — stays the engine's own.

use super::machine::Walk;
use super::pattern::Patterns;
use super::sweep::before;
use super::{Engine, Finding, RuleSet, Scratch};
use crate::pack::Rule;
use regex_syntax::hir::Hir;
use std::ops::Range;

/// The patterns of a rule as the engine reads them, without the separators that it lets into their matches. `None` if one
/// cannot be read.
pub fn expressions(rule: &Rule) -> Option<Vec<Hir>> {
    Patterns::read(rule).ok().map(|patterns| patterns.hirs)
}

impl Engine {
    /// As [`Engine::scan`] for text that is written as it is, but candidates are looked for only in `places`: a rule, and
    /// offsets at which its matches may begin. The places of one rule come in ascending order.
    pub fn scan_places(
        &self,
        text: &str,
        active: &RuleSet,
        places: impl IntoIterator<Item = (u32, Range<usize>)>,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
    ) {
        scratch.begin(self);
        let bytes = text.as_bytes();
        for (rule, starts) in places.into_iter().filter(|(rule, _)| active.contains(*rule as usize)) {
            let automaton = &self.compiled[rule as usize].automaton;
            let mut at = starts.start.max(scratch.cursors.of(rule));
            while at < starts.end {
                let states = &mut scratch.caches[rule as usize].states;
                if let Walk::Match(end) = automaton.walk(states, bytes, at, before(bytes, at), true, &mut 0) {
                    let candidate = self.candidate(rule, text, (at, end), true, scratch);
                    scratch.cursors.raise(rule, if candidate.rejected { at + 1 } else { end });
                    scratch.candidates.push(candidate);
                }
                at = (at + 1).max(scratch.cursors.of(rule));
            }
        }
        self.resolve(text, scratch, out);
    }
}
