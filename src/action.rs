//! Carries a decision out on text: each value that must not leave is replaced by a text that stands for it.
//!
//! One file per style, and its arm in [`replacement`]. Promises: the same value gives the same replacement under the same
//! key (P9); bytes outside the replaced ranges stay as they are (P1); what remains of a value in its replacement is never
//! more than its style names.

mod apply;
mod hash;
mod key;
mod label;
mod mask;
mod remove;

pub use apply::{Mark, apply_text, redactions};
pub use key::Key;

use crate::pack::Rule;
use crate::policy::Style;

/// The text that stands for `value`. The same value gives the same text under the same key (P9).
pub fn replacement(style: &Style, rule: &Rule, value: &str, key: &Key) -> String {
    match style {
        Style::Label => label::replacement(rule),
        Style::Mask { keep } => mask::replacement(rule, value, *keep),
        Style::Hash => hash::replacement(rule, value, key),
        Style::Remove => remove::replacement(),
    }
}

/// A rule for the tests of this module and those beside it.
#[cfg(test)]
pub(crate) fn sample_rule(id: &str, category: &str, separators: &str) -> Rule {
    use crate::pack::{Ladder, Severity};
    Rule {
        id: id.to_owned(),
        pack: "base/sample".into(),
        title: format!("Sample {id}"),
        local_title: None,
        verified: true,
        category: category.to_owned(),
        severity: Severity::Medium,
        patterns: vec![r"\b\d{4}\b".to_owned()],
        until: None,
        dictionary: None,
        separators: separators.to_owned(),
        validator: None,
        context: None,
        ladder: Ladder { pattern: None, validated: None, context: None, validated_context: None },
        jurisdiction: None,
        examples: Vec::new(),
        counter_examples: Vec::new(),
        references: Vec::new(),
    }
}
