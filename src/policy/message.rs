//! What the user is told: which statement spoke, which kinds of data it means, and what to do. Never the data (P4).

use super::{Action, Decision, Evidence, Spoke};
use crate::diagnostic::reader::Choice;
use std::collections::{BTreeMap, BTreeSet};

/// Most kinds of data named in one message; the rest is counted.
const KINDS_SHOWN: usize = 5;
/// Distinct values of one kind as far as they are counted in a message.
pub(super) const MOST_TOLD: usize = 100;

/// The text for the user of a message that was blocked, redacted or coached. `evidence` is what the decision was made on.
/// Empty if nothing needs to be said.
pub fn message(decision: &Decision, evidence: &[Evidence<'_>]) -> String {
    if decision.action <= Action::Log {
        return String::new();
    }
    let speaks: Vec<&Spoke> =
        decision.statements.iter().filter(|s| !s.monitored && s.action == decision.action).collect();
    let lead = match decision.action {
        Action::Block => "Blocked by the GenAI policy",
        Action::Justify => "Held back by the GenAI policy",
        Action::Redact => "Changed by the GenAI policy",
        Action::Allow | Action::Log | Action::Coach => "A note from the GenAI policy",
    };
    let mut sentences: Vec<String> = Vec::new();
    for spoke in &speaks {
        let what = kinds(spoke, evidence);
        let found = if what.is_empty() { String::new() } else { format!(" Found: {what}.") };
        sentences.push(format!("“{}”.{found}", spoke.title.trim_end_matches('.')));
    }
    let advice: Vec<&str> = speaks.iter().filter_map(|s| s.message.as_deref()).collect();
    let mut told = BTreeSet::new();
    let mut advice: Vec<String> = advice.into_iter().filter(|a| told.insert(*a)).map(str::to_owned).collect();
    if advice.is_empty() {
        advice.push(default_advice(decision.action, &speaks).to_owned());
    }
    format!("{lead}: {} {}", sentences.join(" "), advice.join(" ")).trim_end().to_owned()
}

/// What to do when the author of the policy does not say.
fn default_advice(action: Action, speaks: &[&Spoke]) -> &'static str {
    let parts = speaks.iter().any(|s| !s.uninspected.is_empty());
    let values = speaks.iter().any(|s| !s.rules.is_empty());
    match action {
        Action::Block if parts && !values => "Send the content as plain text, or leave the part out.",
        Action::Block if values => "Remove these values and send again.",
        Action::Block => "Ask whoever runs the gateway if you need this.",
        Action::Justify => {
            "Remove what was found, or repeat the request with the header x-portcullis-justification and your reason."
        }
        Action::Redact => "The values were replaced before the message went on.",
        Action::Allow | Action::Log | Action::Coach => "Consider whether the model needs these values.",
    }
}

/// `2 × Tax identification number (tax_id) in prompt`, for everything a statement spoke of.
fn kinds(spoke: &Spoke, evidence: &[Evidence<'_>]) -> String {
    let mut values: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>, String)> = BTreeMap::new();
    for e in evidence.iter().filter(|e| spoke.rules.contains(&e.rule.id)) {
        let kind = format!("{} ({})", e.rule.title, e.rule.category);
        let (distinct, channels, _) =
            values.entry(&e.rule.id).or_insert_with(|| (BTreeSet::new(), BTreeSet::new(), kind));
        distinct.insert(e.fingerprint);
        channels.insert(e.channel.name());
    }
    let more = values.len().saturating_sub(KINDS_SHOWN);
    let mut kinds: Vec<String> = values
        .into_values()
        .take(KINDS_SHOWN)
        .map(|(distinct, channels, kind)| {
            let channels: Vec<&str> = channels.into_iter().collect();
            let count = match distinct.len() {
                few @ 0..MOST_TOLD => few.to_string(),
                _ => format!("{MOST_TOLD} or more"),
            };
            format!("{count} × {kind} in {}", channels.join(", "))
        })
        .collect();
    if more > 0 {
        kinds.push(format!("{more} more kinds"));
    }
    kinds.extend(spoke.uninspected.iter().map(|reason| format!("a part that could not be inspected ({reason})")));
    kinds.join("; ")
}
