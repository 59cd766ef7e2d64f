//! What an exchange gathers for its record: findings, receipt, decisions, time per phase.

pub use super::scan::Recognised;
use crate::decode::{Channel, Reason, Uninspected};
use crate::detect::Finding;
use crate::pack::{Confidence, Rule, Severity};
use crate::policy::{Action, Decision, Mode, Spoke};
use crate::provider::Usage;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A finding as records tell it: no value, only its keyed fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub rule: String,
    pub pack: Arc<str>,
    pub category: String,
    pub severity: Severity,
    pub confidence: Confidence,
    pub channel: Channel,
    pub path: String,
    pub fingerprint: String,
    /// The same value at the same place, this many times.
    pub count: u32,
    /// What was done with it.
    pub redacted: bool,
    /// Judged in an earlier turn already.
    pub seen_before: bool,
    /// It came back, rather than being sent.
    pub answered: bool,
    /// How the value was read if it is not written as it is, outermost first.
    pub disguise: Vec<&'static str>,
}

impl Found {
    /// What a user sends is his doing; what a model answers or a tool returns is not.
    pub fn sent_by_user(&self) -> bool {
        matches!(self.channel, Channel::Prompt | Channel::System | Channel::Upload)
            && !self.seen_before
            && !self.answered
    }

    pub fn new(rule: &Rule, finding: &Finding, place: (Channel, &str), fingerprint: &str, redacted: bool) -> Self {
        Self {
            rule: rule.id.clone(),
            pack: rule.pack.clone(),
            category: rule.category.clone(),
            severity: rule.severity,
            confidence: finding.confidence,
            channel: place.0,
            path: place.1.to_owned(),
            fingerprint: fingerprint.to_owned(),
            count: 1,
            redacted,
            seen_before: false,
            answered: false,
            disguise: finding.disguise.as_ref().map(|disguise| disguise.layers.clone()).unwrap_or_default(),
        }
    }
}

/// Time spent per phase by the core.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    pub decode: Duration,
    pub scan: Duration,
    pub decide: Duration,
    pub act: Duration,
}

/// Bytes inspected and not, per channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    pub inspected: Vec<(Channel, u64)>,
    pub uninspected: Vec<Uninspected>,
}

impl Receipt {
    pub fn inspected_bytes(&self) -> u64 {
        self.inspected.iter().map(|(_, bytes)| bytes).sum()
    }

    pub fn add_inspected(&mut self, channel: Channel, bytes: u64) {
        match self.inspected.iter_mut().find(|(c, _)| *c == channel) {
            Some((_, sum)) => *sum += bytes,
            None => self.inspected.push((channel, bytes)),
        }
    }

    /// Takes back bytes that were noted as inspected.
    pub fn take_inspected(&mut self, channel: Channel, bytes: u64) {
        if let Some((_, sum)) = self.inspected.iter_mut().find(|(c, _)| *c == channel) {
            *sum = sum.saturating_sub(bytes);
        }
    }

    /// Notes text that was left when the work of scanning was used up.
    pub fn add_deadline(&mut self, channel: Channel, bytes: u64, path: &str) {
        if bytes > 0 {
            self.uninspected.push(Uninspected { reason: Reason::Deadline, channel, bytes, path: path.to_owned() });
        }
    }

    /// Adds the entries from the `from`th on to those before them that are alike. There are at most `most` before one of a new
    /// place is told without it.
    pub fn gather(&mut self, from: usize, most: usize) {
        for mut part in self.uninspected.split_off(from.min(self.uninspected.len())) {
            if self.uninspected.len() >= most {
                part.path.clear();
            }
            let alike = |other: &&mut Uninspected| {
                (other.reason, other.channel, &other.path) == (part.reason, part.channel, &part.path)
            };
            match self.uninspected.iter_mut().find(alike) {
                Some(known) => known.bytes += part.bytes,
                None => self.uninspected.push(part),
            }
        }
    }

    /// `inspected=1423; uninspected=0`, for the header `x-portcullis-receipt`.
    fn summary(&self) -> String {
        format!("inspected={}; uninspected={}", self.inspected_bytes(), self.uninspected_bytes())
    }

    /// Bytes that nobody read although they may hold text: everything but opaque provider state and references.
    pub fn uninspected_bytes(&self) -> u64 {
        self.uninspected.iter().filter(|u| !matches!(u.reason, Reason::Opaque)).map(|u| u.bytes).sum()
    }
}

/// Findings that are told one by one; what is beyond is told by rule and channel.
const MOST_FOUND: usize = 10_000;

/// Rule, fingerprint, channel and path of a finding.
type Place = (String, String, Channel, String);

/// Everything an exchange has to tell.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Grows through [`Report::found`] alone.
    pub found: Vec<Found>,
    /// Where in `found` each value at each place is.
    places: HashMap<Place, usize>,
    pub receipt: Receipt,
    /// The strictest action carried out so far.
    pub action: Option<Action>,
    /// The strictest any statement asked for, monitored ones included.
    pub would: Option<Action>,
    pub mode: Option<Mode>,
    pub policy: String,
    pub statements: Vec<Spoke>,
    pub phases: Phases,
    pub recognised: Recognised,
    pub usage: Usage,
    /// Leaves only the backstop saw.
    pub backstop_leaves: u32,
    /// What the caller is told, when blocked or coached.
    pub message: Option<String>,
    /// Faults that happened: phase, what, and whether it was open or closed.
    pub faults: Vec<Fault>,
    /// How much of the stream was held back, and for how long; `None`: the answer is no stream.
    pub held: Option<Held>,
}

/// How much of a stream was held back, and for how long, while decisions were pending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Of the first event that carried text; `None` while none has left.
    pub first: Option<Duration>,
    /// Of the event that waited longest.
    pub longest: Duration,
    /// Most bytes held at once.
    pub bytes: usize,
}

/// Something that went wrong, and its declared outcome (P5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub phase: &'static str,
    pub fault: &'static str,
    pub open: bool,
}

impl Report {
    /// The value of `x-portcullis-receipt`; `policies` is `acme@3f2a9c`.
    pub fn receipt_header(&self, policies: &str) -> String {
        let findings: u32 = self.found.iter().map(|f| f.count).sum();
        format!("{}; findings={findings}; policy={policies}", self.receipt.summary())
    }

    /// Takes a decision into account: the strictest action stands, statements gather once each.
    pub fn decided(&mut self, decision: &Decision) {
        self.action = self.action.max(Some(decision.action));
        self.would = self.would.max(Some(decision.would));
        self.mode = Some(decision.mode);
        if self.policy.is_empty() {
            self.policy.clone_from(&decision.policy);
        }
        for spoke in &decision.statements {
            match self.statements.iter_mut().find(|s| s.policy == spoke.policy && s.statement == spoke.statement) {
                Some(known) => {
                    for rule in &spoke.rules {
                        if !known.rules.contains(rule) {
                            known.rules.push(rule.clone());
                        }
                    }
                    known.rules.sort();
                    known.action = known.action.max(spoke.action);
                }
                None => self.statements.push(spoke.clone()),
            }
        }
    }

    /// Notes that the work of scanning was used up; `open`: what was left passes all the same.
    pub fn deadline(&mut self, open: bool) {
        self.faults.push(Fault { phase: "scan", fault: "deadline", open });
    }

    /// Notes that an event with text left after it was held for `time`.
    pub fn hold(&mut self, time: Duration) {
        let held = self.held.get_or_insert_default();
        held.first.get_or_insert(time);
        held.longest = held.longest.max(time);
    }

    /// Notes that so many bytes of the stream are held now.
    pub fn holds(&mut self, bytes: usize) {
        let held = self.held.get_or_insert_default();
        held.bytes = held.bytes.max(bytes);
    }

    /// Adds a finding, or counts it if the same value was found at the same place.
    pub fn found(&mut self, mut found: Found) {
        if self.found.len() >= MOST_FOUND {
            found.path.clear();
            found.fingerprint.clear();
        }
        let place = (found.rule.clone(), found.fingerprint.clone(), found.channel, found.path.clone());
        let next = self.found.len();
        match self.found.get_mut(*self.places.entry(place).or_insert(next)) {
            Some(known) => {
                known.count += 1;
                known.confidence = known.confidence.max(found.confidence);
                known.redacted |= found.redacted;
            }
            None => self.found.push(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(report: &mut Report, confidence: Confidence, fingerprint: &str, path: &str) {
        let rule = crate::action::sample_rule("a", "tax_id", "");
        let finding = Finding { confidence, ..Finding::sample() };
        report.found(Found::new(&rule, &finding, (Channel::Prompt, path), fingerprint, false));
    }

    #[test]
    fn the_same_value_at_the_same_place_is_one_finding() {
        let mut report = Report::default();
        found(&mut report, Confidence::Low, "x", "p");
        found(&mut report, Confidence::High, "x", "p");
        found(&mut report, Confidence::Low, "y", "p");
        found(&mut report, Confidence::Low, "x", "q");
        let told = report.found.iter().map(|f| (f.fingerprint.as_str(), f.path.as_str(), f.count, f.confidence));
        let expected =
            [("x", "p", 2, Confidence::High), ("y", "p", 1, Confidence::Low), ("x", "q", 1, Confidence::Low)];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn p7_values_without_number_are_counted_and_not_all_told() {
        let mut report = Report::default();
        for value in 0..MOST_FOUND + 500 {
            found(&mut report, Confidence::High, &value.to_string(), &format!("m[{value}]"));
        }
        assert_eq!(report.found.len(), MOST_FOUND + 1);
        let rest = report.found.last().expect("there are many");
        assert_eq!((rest.path.as_str(), rest.fingerprint.as_str(), rest.count), ("", "", 500));
    }
}
