//! What was found in an answer so far, as far as decisions need it: an answer may hold more values than can be asked about
//! again with each new one.

use crate::decode::Channel;
use crate::detect::Finding;
use crate::pack::{Confidence, Rule};
use crate::policy::{self, ValueAction};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Findings that policies do not tell apart, but for their values.
type Kind = (u32, Channel, Confidence);

/// What was found so far.
pub(super) struct Evidence {
    seen: Vec<Seen>,
    kinds: HashMap<Kind, Known>,
    /// Distinct values of one kind from which more of them change no decision.
    enough: usize,
}

/// The first finding of a value.
struct Seen {
    finding: Finding,
    fingerprint: String,
    channel: Channel,
}

#[derive(Default)]
struct Known {
    fingerprints: HashSet<String>,
    /// What the last decision does with values of this kind.
    outcome: Option<ValueAction>,
}

fn kind(channel: Channel, finding: &Finding) -> Kind {
    (finding.rule, channel, finding.confidence)
}

impl Evidence {
    pub fn new(enough: usize) -> Self {
        Self { seen: Vec::new(), kinds: HashMap::new(), enough }
    }

    /// Takes in findings; whether they change anything that decisions are made on.
    pub fn add(&mut self, channel: Channel, found: &[Finding], fingerprints: &[String]) -> bool {
        let before = self.seen.len();
        for (finding, fingerprint) in found.iter().zip(fingerprints) {
            let known = self.kinds.entry(kind(channel, finding)).or_default();
            if known.fingerprints.len() < self.enough && known.fingerprints.insert(fingerprint.clone()) {
                self.seen.push(Seen { finding: finding.clone(), fingerprint: fingerprint.clone(), channel });
            }
        }
        self.seen.len() > before
    }

    /// As policies are told.
    pub fn told<'a>(&'a self, rules: &'a [Arc<Rule>]) -> Vec<policy::Evidence<'a>> {
        let told = self.seen.iter().map(|seen| policy::Evidence {
            finding: &seen.finding,
            rule: &rules[seen.finding.rule as usize],
            channel: seen.channel,
            fingerprint: &seen.fingerprint,
            seen_before: false,
        });
        told.collect()
    }

    /// Takes in what was decided on what [`Self::told`] told, one by one.
    pub fn decided(&mut self, values: Vec<ValueAction>) {
        for (seen, value) in self.seen.iter().zip(values) {
            let known = self.kinds.get_mut(&kind(seen.channel, &seen.finding)).expect("its kind was added with it");
            known.outcome = Some(value);
        }
    }

    /// What is done with a finding that was added.
    pub fn outcome(&self, channel: Channel, finding: &Finding) -> &ValueAction {
        let known = self.kinds.get(&kind(channel, finding));
        known.and_then(|known| known.outcome.as_ref()).unwrap_or(&ValueAction::Keep)
    }

    /// What was found in one answer of a session does not count in the next.
    pub fn clear(&mut self) {
        self.seen.clear();
        self.kinds.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p7_values_that_change_no_decision_are_not_kept() {
        let mut evidence = Evidence::new(2);
        let finding = |confidence| [Finding { confidence, ..Finding::sample() }];
        let mut add =
            |confidence, value: &str| evidence.add(Channel::Response, &finding(confidence), &[value.to_owned()]);
        assert!(add(Confidence::High, "a"));
        assert!(!add(Confidence::High, "a"), "the same again");
        assert!(add(Confidence::Low, "a"), "of another kind");
        assert!(add(Confidence::High, "b"));
        assert!(!add(Confidence::High, "c"), "two are enough");
        assert!(add(Confidence::Low, "c"));
        assert_eq!(evidence.seen.len(), 4);
    }

    #[test]
    fn a_decision_holds_for_its_kind_until_the_next() {
        let mut evidence = Evidence::new(1);
        let [high] = [Finding::sample()];
        let low = Finding { confidence: Confidence::Low, ..Finding::sample() };
        let redact = ValueAction::Redact(policy::Style::Label);
        assert!(evidence.add(Channel::Response, std::slice::from_ref(&high), &["a".into()]));
        assert_eq!(evidence.outcome(Channel::Response, &high), &ValueAction::Keep);
        evidence.decided(vec![redact.clone()]);
        assert!(!evidence.add(Channel::Response, std::slice::from_ref(&high), &["b".into()]));
        assert_eq!(evidence.outcome(Channel::Response, &high), &redact);
        assert!(evidence.add(Channel::Response, std::slice::from_ref(&low), &["c".into()]));
        evidence.decided(vec![redact.clone(), ValueAction::Keep]);
        assert_eq!(evidence.outcome(Channel::Response, &low), &ValueAction::Keep);
        assert_eq!(evidence.outcome(Channel::ToolCall, &high), &ValueAction::Keep);
    }
}
