//! The tests that a policy carries: who sends what, and what must come of it.
//!
//! A case is judged by its own policy alone, as if it were enforced, through the production engine: whole, and cut into
//! pieces as a stream would be (P2).

use super::judge::rehearse;
use super::names::{AnyOf, Kind, Names, unknown_country};
use super::{Action, Decision, Evidence, Failure, Policies, Policy, Subject, Trust, UpstreamFacts, ValueAction};
use crate::action::{Key, Mark, apply_text, redactions};
use crate::decode::{Channel, Reason, Uninspected};
use crate::detect::rank::Origin;
use crate::detect::{Finding, RuleSet, Scratch, StreamScanner};
use crate::diagnostic::reader::{Choice, Spanned, Table};
use crate::diagnostic::{Problems, Source, country, nearest};
use crate::principal::{IdentitySource, Principal};
use crate::risk::Band;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One `[[case]]` of a policy file.
#[derive(Debug)]
pub struct Case {
    pub name: Spanned<String>,
    principal: Principal,
    band: Band,
    upstream: UpstreamFacts,
    model: Option<String>,
    operation: String,
    justification: Option<String>,
    texts: Vec<(Channel, String)>,
    uninspected: Vec<Uninspected>,
    expect: Expect,
}

/// What must come of a case.
#[derive(Debug)]
struct Expect {
    action: Spanned<Action>,
    /// The text that leaves, of the only text of the case.
    text: Option<Spanned<String>>,
    /// Rules that must have found something; an empty list: none may.
    rules: Option<Spanned<Vec<Spanned<String>>>>,
    /// Statements that must have spoken; an empty list: none may.
    statements: Option<Spanned<Vec<Spanned<String>>>>,
}

impl Case {
    /// Reads the table. `statements`: the ids that `expect` may name, if they are known.
    pub(super) fn read(
        mut table: Table<'_>,
        names: &Names,
        statements: Option<&[&str]>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let before = problems.len();
        let name = table.req::<Spanned<String>>("name", problems);
        let principal = match table.opt::<Table<'_>>("principal", problems) {
            Some(principal) => read_principal(principal, problems),
            None => Principal::anonymous(),
        };
        let band = table.opt::<Band>("band", problems).unwrap_or(Band::Low);
        let upstream = read_upstream(table.opt::<Table<'_>>("upstream", problems), problems);
        let model = table.opt::<String>("model", problems);
        let operation = table.opt::<String>("operation", problems).unwrap_or_else(|| "chat".to_owned());
        let justification = table.opt::<String>("justification", problems);
        let texts: Vec<(Channel, String)> = CHANNELS
            .iter()
            .filter_map(|(key, channel)| table.opt::<String>(key, problems).map(|text| (*channel, text)))
            .collect();
        let uninspected = table.opt::<AnyOf<Reason>>("uninspected", problems).map_or(Vec::new(), |AnyOf(reasons)| {
            let part = |reason| Uninspected { reason, channel: Channel::Upload, bytes: 1, path: String::new() };
            reasons.into_iter().map(part).collect()
        });
        if texts.is_empty() && uninspected.is_empty() && problems.len() == before {
            let keys: Vec<String> = CHANNELS.iter().map(|(k, _)| format!("`{k}`")).collect();
            let help = format!("add one of {}, or `uninspected`", keys.join(", "));
            problems.at(table.source(), table.span(), "the case sends nothing", help);
        }
        let expect = table
            .req::<Table<'_>>("expect", problems)
            .and_then(|expect| Expect::read(expect, names, statements, texts.len(), problems));
        table.finish(problems);
        if problems.len() > before {
            return None;
        }
        Some(Self {
            name: name?,
            principal,
            band,
            upstream,
            model,
            operation,
            justification,
            texts,
            uninspected,
            expect: expect?,
        })
    }
}

/// The keys of a case that hold a text, in the order in which texts are sent.
const CHANNELS: &[(&str, Channel)] = &[
    ("system", Channel::System),
    ("prompt", Channel::Prompt),
    ("upload", Channel::Upload),
    ("tool_call", Channel::ToolCall),
    ("tool_result", Channel::ToolResult),
    ("response", Channel::Response),
];

impl Expect {
    fn read(
        mut table: Table<'_>,
        names: &Names,
        statements: Option<&[&str]>,
        texts: usize,
        problems: &mut Problems,
    ) -> Option<Self> {
        let source = table.source().clone();
        let action = table.req::<Spanned<Action>>("action", problems);
        let text = table.opt::<Spanned<String>>("text", problems);
        let rules = table.opt::<Spanned<Vec<Spanned<String>>>>("rules", problems);
        let spoken = table.opt::<Spanned<Vec<Spanned<String>>>>("statements", problems);
        table.finish(problems);
        if let (Some(text), true) = (&text, texts != 1) {
            let help = "write one case for each text";
            problems.at(&source, text.span.clone(), format!("`text` is asked of a case with {texts} texts"), help);
        }
        if let Some(rules) = &rules {
            names.plain(Kind::Rule, &rules.value, &source, problems);
        }
        if let (Some(spoken), Some(known)) = (&spoken, statements) {
            for id in &spoken.value {
                let built_in = [super::REFUSED, super::LET_THROUGH, super::REMOTE];
                if known.contains(&id.value.as_str()) || built_in.contains(&id.value.as_str()) {
                    continue;
                }
                let help = match nearest(&id.value, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a statement of this file".to_owned(),
                };
                problems.at(&source, id.span.clone(), format!("unknown statement `{}`", id.value), help);
            }
        }
        Some(Self { action: action?, text, rules, statements: spoken })
    }
}

fn read_principal(mut table: Table<'_>, problems: &mut Problems) -> Principal {
    let user = table.opt::<String>("user", problems);
    let groups = table.opt::<Vec<String>>("groups", problems).unwrap_or_default();
    let country = table.opt::<Spanned<String>>("country", problems);
    if let Some(code) = country.as_ref().filter(|c| !country::is_iso2(&c.value)) {
        let (message, help) = unknown_country(&code.value);
        problems.at(table.source(), code.span.clone(), message, help);
    }
    let industry = table.opt::<String>("industry", problems);
    table.finish(problems);
    Principal {
        user: user.unwrap_or_else(|| "somebody".to_owned()),
        groups,
        country: country.map(|c| c.value),
        industry,
        source: IdentitySource::Key,
    }
}

fn read_upstream(table: Option<Table<'_>>, problems: &mut Problems) -> UpstreamFacts {
    let mut facts = UpstreamFacts {
        name: "upstream".to_owned(),
        provider: "generic".to_owned(),
        region: None,
        trust: Trust::External,
    };
    if let Some(mut table) = table {
        facts.name = table.opt("name", problems).unwrap_or(facts.name);
        facts.provider = table.opt("provider", problems).unwrap_or(facts.provider);
        facts.region = table.opt("region", problems);
        facts.trust = table.opt("trust", problems).unwrap_or(facts.trust);
        table.finish(problems);
    }
    facts
}

/// The cases of every policy, run.
#[derive(Debug, Default)]
pub struct Run {
    pub passed: usize,
    pub failed: usize,
    /// What did not come out as expected, at its place in the policy file.
    pub problems: Problems,
}

/// Runs every case of every policy.
pub fn run(policies: &Policies, scratch: &mut Scratch) -> Run {
    let mut run = Run::default();
    for policy in &policies.policies {
        for case in &policy.cases {
            let before = run.problems.len();
            Rehearsal::of(policies, policy, case, scratch).compare(&mut run.problems);
            match run.problems.len() == before {
                true => run.passed += 1,
                false => run.failed += 1,
            }
        }
    }
    run
}

/// One case, carried out.
struct Rehearsal<'a> {
    case: &'a Case,
    source: &'a Arc<Source>,
    decision: Decision,
    /// Each text as it would leave.
    texts: Vec<String>,
    found: BTreeSet<String>,
    /// Channels whose text gives other findings when it arrives in pieces.
    split_differs: Vec<Channel>,
}

impl<'a> Rehearsal<'a> {
    fn of(policies: &Policies, policy: &'a Arc<Policy>, case: &'a Case, scratch: &mut Scratch) -> Self {
        let key = Key::from_bytes(b"the key of policy cases");
        let engine = &policies.engine;
        let own = std::slice::from_ref(policy);
        let active = Arc::new(policies.selection.rules(own, engine.rules(), &case.principal));
        let mut split_differs = Vec::new();
        let mut found: Vec<(usize, Finding, String)> = Vec::new();
        for (index, (channel, text)) in case.texts.iter().enumerate() {
            let mut findings = Vec::new();
            engine.scan(text, &active, scratch, &mut findings);
            if !same_in_pieces(policies, &active, text, &findings, scratch) {
                split_differs.push(*channel);
            }
            for finding in findings {
                let rule = &engine.rules()[finding.rule as usize];
                let fingerprint = key.fingerprint(rule, finding.value(text));
                found.push((index, finding, fingerprint));
            }
        }
        let evidence: Vec<Evidence<'_>> = found
            .iter()
            .map(|(text, finding, fingerprint)| Evidence {
                finding,
                rule: &engine.rules()[finding.rule as usize],
                channel: case.texts[*text].0,
                fingerprint,
                seen_before: false,
            })
            .collect();
        let subject = Subject {
            principal: &case.principal,
            band: case.band,
            score: crate::risk::Formula::default().threshold(case.band),
            upstream: &case.upstream,
            model: case.model.as_deref(),
            operation: &case.operation,
            justification: case.justification.as_deref(),
            failure: Failure::Closed,
        };
        let decision = rehearse(own, &subject, &evidence, &case.uninspected);
        let leaves = |index: usize, text: &str| {
            let origin = Origin::of(case.principal.country.as_deref(), text);
            let marks: Vec<Mark<'_>> = evidence
                .iter()
                .zip(&decision.values)
                .zip(&found)
                .filter(|(_, (at, ..))| *at == index)
                .filter_map(|((e, value), _)| match value {
                    ValueAction::Keep => None,
                    ValueAction::Redact(style) => Some(Mark::new(e.finding, e.rule, style, &origin)),
                })
                .collect();
            apply_text(text, &redactions(text, marks, &key))
        };
        let texts = case.texts.iter().enumerate().map(|(index, (_, text))| leaves(index, text)).collect();
        let found = evidence.iter().map(|e| e.rule.id.clone()).collect();
        Self { case, source: policy.source(), decision, texts, found, split_differs }
    }

    fn compare(&self, problems: &mut Problems) {
        let Expect { action, text, rules, statements } = &self.case.expect;
        let got = self.decision.action;
        if got != action.value {
            let message =
                format!("case `{}`: expected {}, got {}", self.case.name.value, action.value.name(), got.name());
            problems.at(self.source, action.span.clone(), message, self.reasons());
        }
        if let (Some(text), Some(leaves)) = (text, self.texts.first())
            && text.value != *leaves
        {
            // the author's own sample text, in his own file: it may be shown
            let message = format!("case `{}`: another text leaves", self.case.name.value);
            problems.at(self.source, text.span.clone(), message, format!("what leaves is: {leaves}"));
        }
        let spoken: BTreeSet<String> = self.decision.statements.iter().map(|s| s.statement.clone()).collect();
        self.compare_names("rule", "found anything", rules.as_ref(), &self.found, problems);
        self.compare_names("statement", "spoke", statements.as_ref(), &spoken, problems);
        for channel in &self.split_differs {
            let message =
                format!("case `{}`: `{}` gives other findings in pieces", self.case.name.value, channel.name());
            problems.at(
                self.source,
                self.case.name.span.clone(),
                message,
                "this is a fault of the engine; please report it",
            );
        }
    }

    fn compare_names(
        &self,
        what: &str,
        did: &str,
        expected: Option<&Spanned<Vec<Spanned<String>>>>,
        got: &BTreeSet<String>,
        problems: &mut Problems,
    ) {
        let Some(expected) = expected else { return };
        let case = &self.case.name.value;
        if expected.value.is_empty() && !got.is_empty() {
            let message = format!("case `{case}`: no {what} should have {did}");
            problems.at(self.source, expected.span.clone(), message, self.reasons());
        }
        for name in expected.value.iter().filter(|n| !got.contains(&n.value)) {
            let message = format!("case `{case}`: {what} `{}` should have {did}", name.value);
            problems.at(self.source, name.span.clone(), message, self.reasons());
        }
    }

    /// What was found, and who spoke why.
    fn reasons(&self) -> String {
        let found: Vec<String> = self.found.iter().map(|r| format!("`{r}`")).collect();
        let mut lines = vec![match found.is_empty() {
            true => "nothing was found".to_owned(),
            false => format!("found by {}", found.join(", ")),
        }];
        for spoke in &self.decision.statements {
            lines.push(format!("`{}` says {}: {}", spoke.statement, spoke.action.name(), spoke.because.join("; ")));
        }
        if self.decision.statements.is_empty() {
            lines.push("no statement spoke".to_owned());
        }
        lines.join("\n")
    }
}

/// Whether a stream of the text, cut into single characters and into groups of seven, gives the same findings.
fn same_in_pieces(
    policies: &Policies,
    active: &Arc<RuleSet>,
    text: &str,
    whole: &[Finding],
    scratch: &mut Scratch,
) -> bool {
    let sorted = |mut findings: Vec<Finding>| {
        findings.sort_by_key(|f| (f.span.start, f.span.end, f.rule));
        findings
    };
    let whole = sorted(whole.to_vec());
    [1, 7].into_iter().all(|size| {
        let mut scanner = StreamScanner::new(policies.engine.clone(), active.clone());
        let mut findings = Vec::new();
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            scanner.push(&piece.iter().collect::<String>(), scratch, &mut findings);
        }
        scanner.finish(scratch, &mut findings);
        sorted(findings) == whole
    })
}
