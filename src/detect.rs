//! Candidates → pattern → validator → context → [`Finding`]; whole texts and streams.
//!
//! What a rule finds is defined by the rule alone (see `oracle`): at the first position at or after the cursor where one of
//! its patterns matches (leftmost-first), the validator is asked with separators removed. If it accepts, or the rule has
//! none, the cursor moves to the end of the match, otherwise one character past its start.

pub mod validator;

use crate::pack::{Confidence, Rule};
use std::ops::Range;
use std::sync::Arc;

/// A confirmed match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Index into [`Engine::rules`].
    pub rule: u32,
    /// Byte range of the value: the group `value` if the pattern has one, else the match.
    pub span: Range<usize>,
    pub confidence: Confidence,
    pub validated: bool,
    /// Byte range of the context word that counted.
    pub context: Option<Range<usize>>,
}

/// A set of rules, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    bits: Vec<u64>,
}

impl RuleSet {
    pub fn none(rules: usize) -> Self {
        Self { bits: vec![0; rules.div_ceil(64)] }
    }
    pub fn insert(&mut self, rule: usize) {
        self.bits[rule / 64] |= 1 << (rule % 64);
    }
    pub fn contains(&self, rule: usize) -> bool {
        self.bits[rule / 64] >> (rule % 64) & 1 == 1
    }
}

/// Every rule of a generation, compiled. Immutable and shared.
pub struct Engine {
    rules: Vec<Arc<Rule>>,
}

/// Reusable memory of scans; one per worker.
#[derive(Default)]
pub struct Scratch {}

/// Why a rule cannot be compiled: the rule and a message for its author.
#[derive(Debug, Clone)]
pub struct RuleError {
    pub rule: usize,
    pub pattern: usize,
    pub message: String,
    pub help: String,
}

impl Engine {
    pub fn compile(_rules: Vec<Arc<Rule>>) -> Result<Engine, Vec<RuleError>> {
        todo!()
    }
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }
    pub fn all(&self) -> RuleSet {
        todo!()
    }
    /// Every finding of the active rules in a whole text, ordered by start, then end, then rule.
    pub fn scan(&self, _text: &str, _active: &RuleSet, _scratch: &mut Scratch, _out: &mut Vec<Finding>) {
        todo!()
    }
}

/// Scans one lane of a stream. Findings are those of the whole text (P2).
pub struct StreamScanner {}

impl StreamScanner {
    pub fn new(_engine: Arc<Engine>, _active: Arc<RuleSet>) -> Self {
        todo!()
    }
    /// Adds text. Returns the offset, from the lane's beginning, up to which everything is decided: no later text can change
    /// what was found before it or start a finding before it. Findings that became final are appended to `out`, with offsets from the lane's beginning.
    pub fn push(&mut self, _text: &str, _scratch: &mut Scratch, _out: &mut Vec<Finding>) -> usize {
        todo!()
    }
    /// The lane has ended: everything is decided.
    pub fn finish(&mut self, _scratch: &mut Scratch, _out: &mut Vec<Finding>) -> usize {
        todo!()
    }
}
