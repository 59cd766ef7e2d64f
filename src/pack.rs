//! Rule packs: what sensitive things look like. File → checked → frozen and versioned.

pub mod category;
pub mod embedded;
mod library;
mod lists;
mod overlay;
mod read;
mod suppression;
pub mod test;

pub use lists::{LIST_LIMIT, Open};
pub use suppression::Suppression;

use crate::detect::WordList;
use crate::detect::validator::Validator;
use crate::diagnostic::Source;
use crate::diagnostic::reader::{Choice, Date};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// How bad it is when such a value leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Choice for Severity {
    const WHAT: &'static str = "severity";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("low", Self::Low), ("medium", Self::Medium), ("high", Self::High), ("critical", Self::Critical)];
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Choice for Confidence {
    const WHAT: &'static str = "confidence";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("low", Self::Low), ("medium", Self::Medium), ("high", Self::High)];
}

/// The confidence a finding has at each step of evidence; `None` is "not a finding".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ladder {
    pub pattern: Option<Confidence>,
    pub validated: Option<Confidence>,
    pub context: Option<Confidence>,
    pub validated_context: Option<Confidence>,
}

impl Ladder {
    /// The highest step that the evidence reaches.
    pub fn reached(&self, validated: bool, context: bool) -> Option<Confidence> {
        let steps = [
            (true, self.pattern),
            (validated, self.validated),
            (context, self.context),
            (validated && context, self.validated_context),
        ];
        steps.into_iter().filter(|(reached, _)| *reached).filter_map(|(_, c)| c).max()
    }
}

/// Words nearby that raise confidence.
#[derive(Debug, Clone, Default)]
pub struct ContextWords {
    /// One of them is enough, unless there are `signals`.
    pub words: Vec<String>,
    /// Distance in bytes of the scanned text between the word and the match, either side.
    pub within: usize,
    /// Weak evidence that adds up; `words` are then one more of weight 1.
    pub signals: Vec<Signal>,
    /// The sum of weights from which on the signals raise confidence.
    pub least: i32,
}

impl ContextWords {
    /// Any one of `words`.
    pub fn any(words: Vec<String>, within: usize) -> ContextWords {
        ContextWords { words, within, ..ContextWords::default() }
    }

    /// Every word that speaks for a finding.
    pub fn raising(&self) -> impl Iterator<Item = &String> {
        self.words.iter().chain(self.signals.iter().filter(|signal| signal.weight > 0).flat_map(|signal| &signal.words))
    }
}

/// Words that say the same of what stands near them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    pub words: Vec<String>,
    /// What it adds, once, if any of its words stands near: below zero if it speaks against a finding.
    pub weight: i32,
}

/// How the values of a rule end that are longer than a pattern may be: found by how they begin, they go on to the end of
/// the first match of this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Until {
    /// A regular expression, as [`Rule::patterns`] are.
    pub pattern: String,
    /// Most bytes of a value; what is longer ends there.
    pub longest: usize,
}

/// One rule of a pack, checked.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub pack: Arc<str>,
    pub title: String,
    /// What the value is called where it is used, in that language and script.
    pub local_title: Option<String>,
    /// Whether the format was compared with its specification; if not, nothing above `low` is found without context.
    pub verified: bool,
    /// `tax_id`, `secret`, `payment`, …
    pub category: String,
    pub severity: Severity,
    /// Regular expressions; Perl classes and `\b` are ASCII. A group named `value` narrows what is rewritten. Empty if there
    /// is a `dictionary`.
    pub patterns: Vec<String>,
    /// Where values end; without it, with the match.
    pub until: Option<Until>,
    /// Words and phrases to find instead of patterns.
    pub dictionary: Option<Arc<WordList>>,
    /// Characters of which one may stand between any two consecutive letters or digits of the match.
    pub separators: String,
    pub validator: Option<&'static Validator>,
    pub context: Option<ContextWords>,
    pub ladder: Ladder,
    /// The pack's country, upper case.
    pub jurisdiction: Option<String>,
    pub examples: Vec<String>,
    pub counter_examples: Vec<String>,
    pub references: Vec<String>,
}

/// A pack as loaded.
#[derive(Debug, Clone)]
pub struct Pack {
    pub id: Arc<str>,
    pub title: String,
    pub version: String,
    pub jurisdiction: Option<String>,
    /// The laws the pack serves.
    pub sources: Vec<Law>,
    /// The day a person last compared the rules with their sources.
    pub checked: Option<Date>,
    pub rules: Vec<Arc<Rule>>,
    /// SHA-256 over the file and its word lists, lower-case hex.
    pub hash: String,
}

/// A law, and the part of it that speaks of the pack's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Law {
    pub law: String,
    pub article: Option<String>,
}

/// Where a rule stands in its file, as byte ranges.
#[derive(Debug, Clone)]
pub struct Place {
    pub source: Arc<Source>,
    /// The value of `id`.
    pub id: Range<usize>,
    /// One for each of [`Rule::patterns`] or for each word list, and one for [`Rule::until`] if there is any.
    pub patterns: Vec<Range<usize>>,
    pub examples: Vec<Range<usize>>,
    pub counter_examples: Vec<Range<usize>>,
}

/// Every pack of a generation, with overlays applied.
#[derive(Debug, Clone, Default)]
pub struct Library {
    pub packs: Vec<Arc<Pack>>,
    pub suppressions: Vec<Suppression>,
    /// By rule id.
    pub places: HashMap<String, Place>,
}

impl Library {
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.packs.iter().flat_map(|p| p.rules.iter())
    }
}
