//! Findings + principal + band + channel + receipt → [`Decision`].

use crate::decode::{Channel, Uninspected};
use crate::detect::{Engine, Finding, RuleSet};
use crate::diagnostic::reader::Choice;
use crate::diagnostic::{Problems, Source};
use crate::pack::{Library, Rule};
use crate::principal::Principal;
use crate::risk::Band;
use std::sync::Arc;

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
}

/// A finding where it was found.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub finding: &'a Finding,
    pub rule: &'a Rule,
    pub channel: Channel,
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

/// One policy file, checked against a library.
#[derive(Debug)]
pub struct Policy {
    pub id: String,
    pub title: String,
    pub mode: Mode,
    /// First six hex digits of the SHA-256 of the file.
    pub hash: String,
    // statements, cases, packs
}

/// The active policies with the engine of their packs: what a generation judges with.
pub struct Policies {
    pub policies: Vec<Arc<Policy>>,
    pub engine: Arc<Engine>,
}

impl Policies {
    /// The policies in the binary: `policies/default.toml` and the examples, as `embedded:policies/…`.
    pub fn embedded_sources() -> Vec<Arc<Source>> {
        todo!()
    }
    /// Reads the policies and compiles the engine for every rule of `library` that one of them names.
    pub fn read(_sources: &[Arc<Source>], _library: &Library, _problems: &mut Problems) -> Option<Policies> {
        todo!()
    }
    /// The rules that apply to this principal: the packs each policy names, or for `auto` base plus country and industry.
    /// Cached per (country, industry).
    pub fn active(&self, _principal: &Principal) -> Arc<RuleSet> {
        todo!()
    }
    /// Judges one message (a request, a whole answer), or in a stream what became final.
    pub fn decide(&self, _subject: &Subject<'_>, _evidence: &[Evidence<'_>], _uninspected: &[Uninspected]) -> Decision {
        todo!()
    }
}
