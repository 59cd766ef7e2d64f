//! Suppressions: findings that a person has judged harmless, with a reason and an end.

use crate::diagnostic::reader::Date;
use regex::Regex;
use std::sync::Arc;

/// Findings to be left out until a day.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// The pack that says so.
    pub pack: Arc<str>,
    /// Ids of the rules whose findings are left out.
    pub rules: Vec<String>,
    /// Values left out, letters and digits only, lower case. With `pattern` absent and this empty: every value.
    pub values: Vec<String>,
    /// Values left out: those this matches from end to end.
    pub pattern: Option<Regex>,
    /// Why, and on whose word.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Date,
}

impl Suppression {
    /// Whether a finding of `rule` with this value is left out on that day.
    pub fn covers(&self, rule: &str, value: &str, today: Date) -> bool {
        let every_value = self.values.is_empty() && self.pattern.is_none();
        today <= self.until
            && self.rules.iter().any(|r| r == rule)
            && (every_value
                || self.values.contains(&bare(value))
                || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(value)))
    }
}

/// A value as suppressions compare it: spaces and punctuation do not count, nor does case.
pub(super) fn bare(value: &str) -> String {
    value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
