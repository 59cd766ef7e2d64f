//! Every statement of every policy is asked; the strictest wins; each that spoke says why.
//!
//! Monitored policies are asked like the others; what they say is recorded and not carried out.

use super::condition::Holds;
use super::matching::About;
use super::silence::Silence;
use super::statement::Statement;
use super::{Action, Decision, Evidence, Failure, Mode, Policy, Spoke, Style, Subject, ValueAction};
use crate::decode::{Channel, Reason, Uninspected};
use crate::diagnostic::reader::Choice;
use crate::pack::Confidence;
use crate::risk::Band;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Built-in statement: parts nobody speaks of are refused.
pub const REFUSED: &str = "uninspected-is-refused";
/// Built-in statement: parts nobody speaks of pass, because the configuration says `open`.
pub const LET_THROUGH: &str = "uninspected-is-let-through";
/// Built-in statement: content that is elsewhere (a URL, a file id) is logged.
pub const REMOTE: &str = "remote-is-logged";
/// The policy that the built-in statements belong to.
pub const BUILT_IN: &str = "portcullis";

/// Judges one message by `policies`.
pub fn judge(
    policies: &[Arc<Policy>],
    subject: &Subject<'_>,
    evidence: &[Evidence<'_>],
    uninspected: &[Uninspected],
) -> Decision {
    let enforced = policies.is_empty() || policies.iter().any(|p| p.mode == Mode::Enforce);
    let mode = if enforced { Mode::Enforce } else { Mode::Monitor };
    Bench::new(subject, evidence, uninspected, mode, false).judge(policies)
}

/// The same as if every policy were enforced: what its cases are judged by.
pub fn rehearse(
    policies: &[Arc<Policy>],
    subject: &Subject<'_>,
    evidence: &[Evidence<'_>],
    uninspected: &[Uninspected],
) -> Decision {
    Bench::new(subject, evidence, uninspected, Mode::Enforce, true).judge(policies)
}

/// Every statement that was asked and had nothing to say, with the reason.
pub fn silent(
    policies: &[Arc<Policy>],
    subject: &Subject<'_>,
    evidence: &[Evidence<'_>],
    uninspected: &[Uninspected],
) -> Vec<Silent> {
    let mut bench = Bench::new(subject, evidence, uninspected, Mode::Enforce, true);
    let mut silent = Vec::new();
    for policy in policies {
        for statement in &policy.statements {
            if let Err(why) = bench.ask(policy, statement) {
                let (policy, statement) = (policy.id.clone(), statement.id.clone());
                silent.push(Silent { policy, statement, why: why.to_string() });
            }
        }
    }
    silent
}

/// A statement that had nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    pub policy: String,
    pub statement: String,
    /// `confidence medium is below high`, …
    pub why: String,
}

/// A statement that spoke, with what only the judge needs to know.
struct Heard {
    spoke: Spoke,
    jurisdictions: Vec<String>,
}

/// A decision in the making.
struct Bench<'a> {
    subject: &'a Subject<'a>,
    evidence: &'a [Evidence<'a>],
    uninspected: &'a [Uninspected],
    mode: Mode,
    /// Monitored policies are taken as enforced.
    rehearsal: bool,
    /// How each value is rewritten so far.
    styles: Vec<Option<Style>>,
    /// Whether a statement speaks of each uninspected part.
    covered: Vec<bool>,
    heard: Vec<Heard>,
}

impl<'a> Bench<'a> {
    fn new(
        subject: &'a Subject<'a>,
        evidence: &'a [Evidence<'a>],
        uninspected: &'a [Uninspected],
        mode: Mode,
        rehearsal: bool,
    ) -> Self {
        let (styles, covered) = (vec![None; evidence.len()], vec![false; uninspected.len()]);
        Self { subject, evidence, uninspected, mode, rehearsal, styles, covered, heard: Vec::new() }
    }

    fn judge(mut self, policies: &[Arc<Policy>]) -> Decision {
        for policy in policies {
            for statement in &policy.statements {
                // why a statement is silent is asked for by `silent`
                let _ = self.ask(policy, statement);
            }
        }
        self.ask_built_in();
        self.decision(policies)
    }

    /// Lets a statement speak, or says why it is silent.
    fn ask(&mut self, policy: &Policy, statement: &Statement) -> Result<(), Silence> {
        let band = self.subject.band;
        let action = statement.action.at(band).ok_or(Silence::Band(band))?;
        if let Some(key) = statement.asks.misfit(self.subject) {
            return Err(Silence::Exchange(key));
        }
        match statement.asks.about() {
            About::Exchange => self.ask_about_exchange(policy, statement, action),
            About::Findings => self.ask_about_findings(policy, statement, action),
            About::Uninspected => self.ask_about_parts(policy, statement, action),
        }
    }

    fn ask_about_exchange(&mut self, policy: &Policy, statement: &Statement, action: Action) -> Result<(), Silence> {
        let (holds, why) = self.holds(statement, None, 0);
        if !holds {
            return Err(Silence::Condition);
        }
        let mut spoke = self.spoke(policy, statement, action);
        spoke.because.extend(why);
        self.justify(&mut spoke);
        spoke.would_pass = alternatives(statement, self.subject.band, spoke.action, Vec::new());
        self.hear(statement, spoke);
        Ok(())
    }

    fn ask_about_findings(&mut self, policy: &Policy, statement: &Statement, action: Action) -> Result<(), Silence> {
        let mut matched: Vec<usize> = (0..self.evidence.len())
            .filter(|i| {
                let e = &self.evidence[*i];
                statement.asks.finding(e) && policy.packs.cover(&e.rule.pack, self.subject.principal)
            })
            .collect();
        let confidence = |i: &usize| self.evidence[*i].finding.confidence;
        let found = matched.iter().map(confidence).max().ok_or(Silence::NothingFound)?;
        let least = statement.confidence.and_then(|c| c.at(self.subject.band));
        if let Some(least) = least {
            matched.retain(|i| confidence(i) >= least);
            if matched.is_empty() {
                return Err(Silence::Confidence { found, least });
            }
        }
        let count = self.distinct(&matched);
        if count < statement.asks.min_count() {
            return Err(Silence::Count { found: count, least: statement.asks.min_count() });
        }
        let channels: BTreeSet<Channel> = matched.iter().map(|i| self.evidence[*i].channel).collect();
        let mut why = Vec::new();
        for channel in channels {
            let (holds, reason) = self.holds(statement, Some(channel), count);
            if holds {
                why.extend(reason.filter(|r| !why.contains(r)));
            } else {
                matched.retain(|i| self.evidence[*i].channel != channel);
            }
        }
        if matched.is_empty() {
            return Err(Silence::Condition);
        }

        let mut spoke = self.spoke(policy, statement, action);
        spoke.because.extend(self.finding_reasons(statement, &matched, least, count));
        spoke.because.extend(why);
        let rules: BTreeSet<&str> = matched.iter().map(|i| self.evidence[*i].rule.id.as_str()).collect();
        spoke.rules = rules.into_iter().map(str::to_owned).collect();
        self.justify(&mut spoke);
        if spoke.action >= Action::Justify && matched.iter().all(|i| self.evidence[*i].seen_before) {
            spoke.because.push("already judged in an earlier turn: redacted, not blocked again".to_owned());
            spoke.action = Action::Redact;
        }
        if !spoke.monitored {
            let own = action == Action::Redact;
            let style = match spoke.action {
                Action::Redact if own => Some(&statement.style),
                // of a message that is blocked nothing leaves; should a part of it ever do, the values are not in it
                Action::Redact | Action::Justify | Action::Block => Some(&Style::Label),
                Action::Allow | Action::Log | Action::Coach => None,
            };
            if let Some(style) = style {
                matched.iter().for_each(|i| stricter(&mut self.styles[*i], style));
            }
        }
        let silent = self.would_silence(statement, &matched, &spoke.rules, least, count);
        spoke.would_pass = alternatives(statement, self.subject.band, spoke.action, silent);
        self.hear(statement, spoke);
        Ok(())
    }

    fn ask_about_parts(&mut self, policy: &Policy, statement: &Statement, action: Action) -> Result<(), Silence> {
        let matched: Vec<usize> =
            (0..self.uninspected.len()).filter(|i| statement.asks.part(&self.uninspected[*i])).collect();
        if matched.is_empty() {
            return Err(Silence::EverythingInspected);
        }
        let channels: BTreeSet<Channel> = matched.iter().map(|i| self.uninspected[*i].channel).collect();
        let (mut held, mut unknown, mut why) = (Vec::new(), false, Vec::new());
        for channel in channels {
            let (holds, reason) = self.holds(statement, Some(channel), matched.len());
            if holds {
                held.extend(matched.iter().copied().filter(|i| self.uninspected[*i].channel == channel));
                unknown |= reason.as_ref().is_some_and(|r| r.starts_with(UNKNOWN));
                why.extend(reason.filter(|r| !why.contains(r)));
            }
        }
        if held.is_empty() {
            return Err(Silence::Condition);
        }
        let mut spoke = self.spoke(policy, statement, action);
        let reasons: BTreeSet<Reason> = held.iter().map(|i| self.uninspected[*i].reason).collect();
        spoke.uninspected = reasons.iter().map(|r| r.name().to_owned()).collect();
        let listed = spoke.uninspected.join(", ");
        spoke.because.push(format!("{} not inspected: {listed}", parts(held.len())));
        spoke.because.extend(why);
        self.justify(&mut spoke);
        let enforced = !spoke.monitored || self.mode == Mode::Monitor;
        // a permission whose condition cannot be evaluated permits nothing
        let permits = action < Action::Justify;
        if enforced && !(permits && unknown) {
            held.iter().for_each(|i| self.covered[*i] = true);
        }
        let silent = vec![format!("without the parts that could not be inspected ({listed})")];
        spoke.would_pass = alternatives(statement, self.subject.band, spoke.action, silent);
        self.hear(statement, spoke);
        Ok(())
    }

    /// Parts that no statement speaks of: refused, or let through where the configuration says so; content elsewhere is
    /// logged; opaque content (signatures, encrypted reasoning) stands in the receipt alone.
    fn ask_built_in(&mut self) {
        let mut spoken: BTreeMap<(&str, Action), Vec<Reason>> = BTreeMap::new();
        for (part, covered) in self.uninspected.iter().zip(&self.covered) {
            let statement = match (part.reason, self.subject.failure) {
                _ if *covered => continue,
                (Reason::Opaque, _) => continue,
                (Reason::Remote, _) => (REMOTE, Action::Log),
                (_, Failure::Closed) => (REFUSED, Action::Block),
                (_, Failure::Open) => (LET_THROUGH, Action::Log),
            };
            spoken.entry(statement).or_default().push(part.reason);
        }
        for ((id, action), reasons) in spoken {
            let title = match id {
                REFUSED => "What cannot be inspected does not pass",
                LET_THROUGH => "What cannot be inspected passes, as configured",
                _ => "Content that is elsewhere is not inspected",
            };
            let names: BTreeSet<&str> = reasons.iter().map(|r| r.name()).collect();
            let listed = names.iter().copied().collect::<Vec<_>>().join(", ");
            let spoke = Spoke {
                policy: BUILT_IN.to_owned(),
                statement: id.to_owned(),
                title: title.to_owned(),
                action,
                monitored: self.mode == Mode::Monitor,
                message: None,
                rules: Vec::new(),
                because: vec![
                    format!("{} not inspected: {listed}", parts(reasons.len())),
                    "no statement speaks of it".to_owned(),
                ],
                would_pass: match action {
                    Action::Log => "it passes".to_owned(),
                    _ => format!(
                        "without the parts that could not be inspected ({listed}); or a statement with `uninspected` that allows them"
                    ),
                },
                uninspected: names.into_iter().map(str::to_owned).collect(),
            };
            self.heard.push(Heard { spoke, jurisdictions: Vec::new() });
        }
    }

    fn decision(mut self, policies: &[Arc<Policy>]) -> Decision {
        self.heard.sort_by_key(|h| std::cmp::Reverse((h.spoke.action, !h.spoke.monitored)));
        self.say_where_jurisdictions_disagree();
        let strictest = |heard: &[Heard], all: bool| {
            heard.iter().filter(|h| all || !h.spoke.monitored).map(|h| h.spoke.action).max().unwrap_or(Action::Allow)
        };
        let names: Vec<String> = policies.iter().map(|p| p.versioned()).collect();
        Decision {
            action: strictest(&self.heard, false),
            would: strictest(&self.heard, true),
            values: self.styles.into_iter().map(|s| s.map_or(ValueAction::Keep, ValueAction::Redact)).collect(),
            mode: self.mode,
            policy: names.join(","),
            statements: self.heard.into_iter().map(|h| h.spoke).collect(),
        }
    }

    /// The strictest statement names the milder ones that another policy or jurisdiction would have been content with.
    fn say_where_jurisdictions_disagree(&mut self) {
        let Some(first) = self.heard.iter().position(|h| !h.spoke.monitored) else { return };
        let (winner, others) = (&self.heard[first], &self.heard[first + 1..]);
        let milder: Vec<String> = others
            .iter()
            .filter(|h| !h.spoke.monitored && h.spoke.action < winner.spoke.action && h.spoke.policy != BUILT_IN)
            .filter(|h| h.spoke.policy != winner.spoke.policy || h.jurisdictions != winner.jurisdictions)
            .map(|h| {
                let whose = match h.jurisdictions.as_slice() {
                    [] => format!("of policy `{}`", h.spoke.policy),
                    of => format!("for {}", of.join(" and ")),
                };
                let (strict, mild) = (winner.spoke.action.name(), h.spoke.action.name());
                format!("`{}` {whose} asks for {mild}, this for {strict}: the stricter wins", h.spoke.statement)
            })
            .collect();
        self.heard[first].spoke.because.extend(milder);
    }

    fn spoke(&self, policy: &Policy, statement: &Statement, action: Action) -> Spoke {
        Spoke {
            policy: policy.id.clone(),
            statement: statement.id.clone(),
            title: statement.title.clone(),
            action,
            monitored: policy.mode == Mode::Monitor && !self.rehearsal,
            message: statement.message.clone(),
            rules: Vec::new(),
            uninspected: Vec::new(),
            because: statement.asks.reasons(self.subject),
            would_pass: String::new(),
        }
    }

    fn hear(&mut self, statement: &Statement, spoke: Spoke) {
        self.heard.push(Heard { spoke, jurisdictions: statement.asks.jurisdictions(self.subject) });
    }

    /// A justification given turns the demand for one into a log entry.
    fn justify(&self, spoke: &mut Spoke) {
        if spoke.action == Action::Justify && self.subject.justification.is_some_and(|j| !j.trim().is_empty()) {
            spoke.because.push("a justification was given".to_owned());
            spoke.action = Action::Log;
        }
    }

    /// Whether the statement's condition holds, and the reason to give. One that cannot be evaluated holds.
    fn holds(&self, statement: &Statement, channel: Option<Channel>, count: usize) -> (bool, Option<String>) {
        let Some(when) = &statement.when else { return (true, None) };
        match when.holds(self.subject, channel, count) {
            Holds::Yes => (true, Some(format!("`when` holds: {}", when.text()))),
            Holds::No => (false, None),
            Holds::Unknown(why) => (true, Some(format!("{UNKNOWN}{why}; the stricter side is taken"))),
        }
    }

    /// Distinct values among evidence; two rules of one category that find the same value count once.
    fn distinct(&self, matched: &[usize]) -> usize {
        let values: BTreeSet<(&str, &str)> =
            matched.iter().map(|i| (self.evidence[*i].rule.category.as_str(), self.evidence[*i].fingerprint)).collect();
        values.len()
    }

    fn finding_reasons(
        &self,
        statement: &Statement,
        matched: &[usize],
        least: Option<Confidence>,
        count: usize,
    ) -> Vec<String> {
        let band = self.subject.band.name();
        let mut kinds: BTreeMap<(&str, Channel), Confidence> = BTreeMap::new();
        for i in matched {
            let e = &self.evidence[*i];
            let highest = kinds.entry((&e.rule.id, e.channel)).or_insert(e.finding.confidence);
            *highest = (*highest).max(e.finding.confidence);
        }
        let mut reasons: Vec<String> = kinds
            .into_iter()
            .map(|((rule, channel), confidence)| {
                let (channel, confidence) = (channel.name(), confidence.name());
                match least {
                    Some(least) => {
                        format!("`{rule}` in {channel}: confidence {confidence} ≥ {} (band {band})", least.name())
                    }
                    None => format!("`{rule}` in {channel}: confidence {confidence}"),
                }
            })
            .collect();
        if statement.asks.min_count() > 1 {
            reasons.push(format!("{count} distinct values ≥ {}", statement.asks.min_count()));
        }
        reasons
    }

    /// What about the findings would have kept the statement silent.
    fn would_silence(
        &self,
        statement: &Statement,
        matched: &[usize],
        rules: &[String],
        least: Option<Confidence>,
        count: usize,
    ) -> Vec<String> {
        let channels: BTreeSet<&str> = matched.iter().map(|i| self.evidence[*i].channel.name()).collect();
        let values = if count == 1 { "value" } else { "values" };
        let rules: Vec<String> = rules.iter().map(|r| format!("`{r}`")).collect();
        let channels: Vec<&str> = channels.into_iter().collect();
        let mut silent = vec![format!("without the {values} found by {} in {}", rules.join(", "), channels.join(", "))];
        if statement.asks.min_count() > 1 {
            silent.push(format!("fewer than {} distinct values", statement.asks.min_count()));
        }
        if let Some(least) = least.filter(|l| *l > Confidence::Low) {
            silent.push(format!("confidence below {}", least.name()));
        }
        silent
    }
}

/// How a reason begins that tells of a condition which could not be evaluated.
const UNKNOWN: &str = "`when` could not be evaluated: ";

/// Every way in which the statement would have let the message pass as it was.
fn alternatives(statement: &Statement, band: Band, action: Action, silent: Vec<String>) -> String {
    if action <= Action::Coach {
        return "it passes".to_owned();
    }
    let mut ways = silent;
    let milder: Vec<&str> = statement
        .action
        .each()
        .filter(|(other, a)| *other != band && a.is_none_or(|a| a <= Action::Coach))
        .map(|(other, _)| other.name())
        .collect();
    if !milder.is_empty() {
        ways.push(format!("band {}", milder.join(" or ")));
    }
    ways.extend(statement.asks.alternatives());
    if action == Action::Justify {
        ways.push("the header `x-portcullis-justification`".to_owned());
    }
    if statement.when.is_some() {
        ways.push("its `when` not holding".to_owned());
    }
    if ways.is_empty() {
        return "nothing: it speaks of every exchange like this".to_owned();
    }
    ways.join("; or ")
}

fn stricter(style: &mut Option<Style>, other: &Style) {
    if style.as_ref().is_none_or(|s| s.hides() < other.hides()) {
        *style = Some(other.clone());
    }
}

fn parts(n: usize) -> String {
    if n == 1 { "1 part".to_owned() } else { format!("{n} parts") }
}
