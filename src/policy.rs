//! Findings + principal + band + channel + receipt → [`Decision`].
//!
//! A policy file is read into a [`Policy`] (`statement`, `matching`, `condition`); the active ones form the [`Policies`] of
//! a generation; `judge` asks every statement and the strictest wins. Promises: closed by default – a part that was not
//! inspected is refused unless a statement speaks of it, a condition that cannot be evaluated counts against the message
//! (P5) – and every decision says which statements spoke, why, and what would have passed (P6).

mod by_band;
pub mod case;
mod condition;
mod file;
mod glob;
mod judge;
mod matching;
mod message;
mod names;
mod packs;
mod silence;
mod statement;
#[cfg(test)]
mod tests;

pub use by_band::ByBand;
pub use case::Case;
pub use file::Policy;
pub use glob::Glob;
pub use judge::{BUILT_IN, LET_THROUGH, REFUSED, REMOTE, Silent};
pub use message::message;
pub use statement::Statement;

use crate::decode::{Channel, Uninspected};
use crate::detect::RuleError;
use crate::detect::{Engine, Finding, RuleSet};
use crate::diagnostic::reader::Choice;
use crate::diagnostic::{Problem, Problems, Source};
use crate::pack::{Library, Rule, embedded};
use crate::principal::Principal;
use crate::risk::Band;
use file::{read_policies, sha256};
use names::Names;
use packs::Selection;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// What is done with the whole message, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    Allow,
    Log,
    Coach,
    Redact,
    Justify,
    Block,
}

impl Choice for Action {
    const WHAT: &'static str = "action";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("allow", Self::Allow),
        ("log", Self::Log),
        ("coach", Self::Coach),
        ("redact", Self::Redact),
        ("justify", Self::Justify),
        ("block", Self::Block),
    ];
}

impl Action {
    /// What the gateway does, in a line.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Allow => "the message passes",
            Self::Log => "the message passes, and the finding is recorded",
            Self::Coach => "the message passes, and the user is told",
            Self::Redact => "the values are replaced, and the message passes",
            Self::Justify => "the message is refused until it is repeated with a reason",
            Self::Block => "the message is refused",
        }
    }
}

/// Whether decisions are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    Enforce,
    Monitor,
}

impl Choice for Mode {
    const WHAT: &'static str = "mode";
    const CHOICES: &'static [(&'static str, Self)] = &[("enforce", Self::Enforce), ("monitor", Self::Monitor)];
}

/// How a value is rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Style {
    /// `[DE_STEUER_ID]`
    Label,
    /// All but the last `keep` letters and digits become `*`; separators stay.
    Mask {
        keep: usize,
    },
    /// `[DE_STEUER_ID:3f9a2c41]`, keyed.
    Hash,
    Remove,
}

impl Style {
    /// How much the style hides, for choosing between two: the more, the greater.
    pub fn hides(&self) -> impl Ord + use<> {
        match self {
            Self::Mask { keep } => (0, std::cmp::Reverse(*keep)),
            Self::Hash => (1, std::cmp::Reverse(0)),
            Self::Label => (2, std::cmp::Reverse(0)),
            Self::Remove => (3, std::cmp::Reverse(0)),
        }
    }
}

/// How much an upstream is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    External,
    Partner,
    Internal,
}

impl Choice for Trust {
    const WHAT: &'static str = "trust";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("external", Self::External), ("partner", Self::Partner), ("internal", Self::Internal)];
}

/// The facts of an upstream that policies may ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamFacts {
    pub name: String,
    pub provider: String,
    pub region: Option<String>,
    pub trust: Trust,
}

/// Who asks, what of whom.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub principal: &'a Principal,
    pub band: Band,
    /// 0–100.
    pub score: f64,
    pub upstream: &'a UpstreamFacts,
    pub model: Option<&'a str>,
    /// `chat`, `embeddings`, `files`, …
    pub operation: &'a str,
    /// The header `x-portcullis-justification`, if the caller sent it.
    pub justification: Option<&'a str>,
    /// What becomes of uninspected parts no statement speaks of: `[failure]` of the phase that is judged.
    pub failure: Failure,
}

/// The declared outcome of a fault (P5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    Closed,
    Open,
}

impl Choice for Failure {
    const WHAT: &'static str = "failure outcome";
    const CHOICES: &'static [(&'static str, Self)] = &[("closed", Self::Closed), ("open", Self::Open)];
}

/// A finding where it was found.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub finding: &'a Finding,
    pub rule: &'a Rule,
    pub channel: Channel,
    /// [`crate::action::Key::fingerprint`] of the value; tells distinct values apart without holding them.
    pub fingerprint: &'a str,
    /// The value was already judged in an earlier turn of this conversation: redacted, not blocked again.
    pub seen_before: bool,
}

/// What is done with one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueAction {
    Keep,
    Redact(Style),
}

/// A statement that spoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoke {
    pub policy: String,
    pub statement: String,
    pub title: String,
    /// What it asks for at this band.
    pub action: Action,
    /// Its policy is in monitor mode: recorded, not carried out.
    pub monitored: bool,
    /// The author's message to the user.
    pub message: Option<String>,
    /// Ids of the rules whose findings it matched, sorted, once each.
    pub rules: Vec<String>,
    /// Reasons of the uninspected parts it matched, sorted, once each.
    pub uninspected: Vec<String>,
    /// Why, step by step: `confidence high ≥ medium (band low)`, …
    pub because: Vec<String>,
    /// What would have let it pass.
    pub would_pass: String,
}

/// What is done, and why.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The strictest that is carried out.
    pub action: Action,
    /// The strictest of all, monitored statements included.
    pub would: Action,
    /// One per evidence, in order.
    pub values: Vec<ValueAction>,
    /// Every statement that spoke, strictest first.
    pub statements: Vec<Spoke>,
    pub mode: Mode,
    /// `acme@3f2a9c`, the deciding policy; all of them joined with `,` if several are active.
    pub policy: String,
}

/// The active policies with the engine of their packs: what a generation judges with.
pub struct Policies {
    pub policies: Vec<Arc<Policy>>,
    pub engine: Arc<Engine>,
    selection: Selection,
    /// Rules that apply, by what distinguishes principals: bounded by the packs there are, not by the callers.
    active: RwLock<HashMap<packs::Circle, Arc<RuleSet>>>,
    versions: String,
    generation_hash: String,
}

impl Policies {
    /// The policies in the binary: `policies/default.toml` and the examples, as `embedded:policies/…`.
    pub fn embedded_sources() -> Vec<Arc<Source>> {
        let policies = embedded::FILES.iter().filter(|(path, _)| !path.starts_with("packs/"));
        policies.map(|(path, text)| Source::new(format!("{}policies/{path}", embedded::PREFIX), *text)).collect()
    }

    /// Reads the policies and compiles the engine for every rule of `library` that one of them names.
    pub fn read(sources: &[Arc<Source>], library: &Library, problems: &mut Problems) -> Option<Policies> {
        let before = problems.len();
        let policies = read_policies(sources, &Names::of(library), problems);
        let rules: Vec<Arc<Rule>> =
            library.rules().filter(|r| policies.iter().any(|p| p.packs.may_name(&r.pack))).cloned().collect();
        let engine = match Engine::compile(rules.clone()) {
            Ok(engine) => engine,
            Err(errors) => {
                errors.into_iter().for_each(|error| problems.push(uncompiled(&rules[error.rule], error, library)));
                return None;
            }
        };
        let selection = Selection::new(&policies, engine.rules());
        let hashes: Vec<&str> = policies
            .iter()
            .map(|p| p.source().text.as_str())
            .chain(library.packs.iter().map(|p| p.hash.as_str()))
            .collect();
        let generation_hash = sha256(&hashes)[..12].to_owned();
        let versions = policies.iter().map(|p| p.versioned()).collect::<Vec<_>>().join(",");
        (problems.len() == before).then(|| Policies {
            versions,
            policies,
            engine: Arc::new(engine),
            selection,
            active: RwLock::default(),
            generation_hash,
        })
    }

    /// The same, with disguises within disguises read to this depth.
    pub fn reading_to(mut self, depth: usize) -> Policies {
        Arc::get_mut(&mut self.engine)
            .expect("policies just read share their engine with nobody")
            .set_decode_depth(depth);
        self
    }

    /// `acme@3f2a9c`, every active policy, joined with `,`.
    pub fn versions(&self) -> &str {
        &self.versions
    }

    /// First twelve hex digits of the SHA-256 over the active policies and every pack: the same files, the same hash.
    pub fn generation_hash(&self) -> &str {
        &self.generation_hash
    }

    /// The rules that apply to this principal: the packs each policy names, or for `auto` base plus country and industry.
    /// Cached per (country, industry).
    pub fn active(&self, principal: &Principal) -> Arc<RuleSet> {
        let circle = self.selection.circle(principal);
        if let Some(rules) = self.active.read().unwrap_or_else(PoisonError::into_inner).get(&circle) {
            return rules.clone();
        }
        let rules = Arc::new(self.selection.rules(&self.policies, self.engine.rules(), principal));
        self.active.write().unwrap_or_else(PoisonError::into_inner).entry(circle).or_insert(rules).clone()
    }

    /// So many distinct values of one kind (rule, channel, confidence) tell as much as any more: no statement counts further.
    pub fn most_counted(&self) -> usize {
        let statements = self.policies.iter().flat_map(|policy| &policy.statements);
        statements.map(Statement::most_counted).max().unwrap_or(1)
    }

    /// Judges one message (a request, a whole answer), or in a stream what became final.
    pub fn decide(&self, subject: &Subject<'_>, evidence: &[Evidence<'_>], uninspected: &[Uninspected]) -> Decision {
        judge::judge(&self.policies, subject, evidence, uninspected)
    }

    /// The statements that say nothing about this message, each with the reason: the rest of an explanation.
    pub fn silent(&self, subject: &Subject<'_>, evidence: &[Evidence<'_>], uninspected: &[Uninspected]) -> Vec<Silent> {
        judge::silent(&self.policies, subject, evidence, uninspected)
    }
}

/// A rule that the engine refuses, at its pattern.
fn uncompiled(rule: &Rule, error: RuleError, library: &Library) -> Problem {
    let place = library.places.get(&rule.id);
    let span = place.and_then(|p| p.patterns.get(error.pattern)).cloned();
    Problem {
        source: place.map(|p| p.source.clone()),
        span: span.or(place.map(|p| p.id.clone())).unwrap_or_default(),
        message: format!("rule `{}` of pack `{}` cannot be compiled: {}", rule.id, rule.pack, error.message),
        label: String::new(),
        help: Some(error.help).filter(|h| !h.is_empty()),
    }
}
