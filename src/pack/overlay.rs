//! Overlays: what a pack changes in rules of other packs.

use super::{Confidence, ContextWords, Rule, Severity};
use crate::diagnostic::Source;
use std::ops::Range;
use std::sync::Arc;

/// A change to a rule; what is `None` or empty stays as it is.
#[derive(Debug, Clone)]
pub(super) struct Overlay {
    pub source: Arc<Source>,
    pub rule: String,
    pub rule_span: Range<usize>,
    pub severity: Option<Severity>,
    pub steps: Steps,
    pub add_words: Vec<String>,
    pub remove_words: Vec<String>,
    pub within: Option<usize>,
}

/// Steps of a ladder that a file names; `Some(None)` is the step set to `none`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub pattern: Option<Option<Confidence>>,
    pub validated: Option<Option<Confidence>>,
    pub context: Option<Option<Confidence>>,
    pub validated_context: Option<Option<Confidence>>,
}

impl Steps {
    /// The highest step that is reached without a context word.
    pub fn alone(&self) -> Option<Confidence> {
        self.pattern.flatten().max(self.validated.flatten())
    }
}

impl Overlay {
    pub fn apply(&self, rule: &mut Rule) {
        rule.severity = self.severity.unwrap_or(rule.severity);
        let ladder = &mut rule.ladder;
        ladder.pattern = self.steps.pattern.unwrap_or(ladder.pattern);
        ladder.validated = self.steps.validated.unwrap_or(ladder.validated);
        ladder.context = self.steps.context.unwrap_or(ladder.context);
        ladder.validated_context = self.steps.validated_context.unwrap_or(ladder.validated_context);
        if self.add_words.is_empty() && self.remove_words.is_empty() && self.within.is_none() {
            return;
        }
        let context = rule.context.get_or_insert(ContextWords::any(Vec::new(), super::read::WITHIN));
        context.words.retain(|word| !self.remove_words.contains(word));
        for word in &self.add_words {
            if !context.words.contains(word) {
                context.words.push(word.clone());
            }
        }
        context.within = self.within.unwrap_or(context.within);
        if context.raising().next().is_none() {
            rule.context = None;
        }
    }
}
