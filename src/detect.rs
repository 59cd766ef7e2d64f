//! Candidates → pattern → validator → context → [`Finding`]; whole texts and streams.
//!
//! # What a rule finds
//! is defined by the rule alone; [`oracle`] is the same definition as naive code, and tests hold the engine to it.
//!
//! * **Patterns** are regular expressions with ASCII Perl classes and `\b` (see `language`); several are alternatives in
//!   written order.
//!   The longest match is at most [`MAX_WIDTH`] bytes. With `separators`, between any two consecutive characters of a match
//!   that are both ASCII letters or digits one separator may stand.
//! * **Dictionaries** are word lists in the place of patterns. An entry stands where the text is it when both are folded as
//!   context words are (below), in at most [`MAX_WIDTH`] bytes of text; with [`Case::Exact`] it must also be spelt so. Of
//!   several that begin at one place the longest is the match.
//! * **Candidates** of a rule: the first position at or after the cursor where it matches (leftmost-first). Its *value* is
//!   the group `value` if that took part and is not empty, else the match.
//! * The **validator** gets the value without separators. If it accepts, or the rule has none, the cursor moves to the end
//!   of the match. If it rejects, the cursor moves one character past the start of the match, the candidate counts for
//!   `confidence.pattern` only, and not at all where it overlaps an accepted one of the same rule.
//! * **Long values**: in a rule with `until` the value begins as above, with its *opener*, and goes on to the end of the first
//!   match of `until` at or after the end of the match; where none comes, to the end of the text; and never beyond `longest`
//!   bytes, cut at a character. The cursor moves to the value's end. The opener alone stands for the value in fingerprints and
//!   suppressions, and the match alone decides confidence: a stream hands the finding out when it knows that much, and again
//!   as it learns more. Such rules have neither validator nor separators, and their ladder has the step `pattern`.
//! * **Context** is looked for where it can raise the confidence: a context word that ends at most `within` bytes before the
//!   match or begins at most `within` bytes after it. Words before the match come first, then nearness, then length. They are
//!   compared without case, full-width letters as ASCII, a run of white space (up to 16 bytes) as one space; a letter or
//!   digit at a word's edge must not go on in the text, except in scripts written without spaces. Of a rule with signals each
//!   counts once if any of its words stands there, and context is reached where their weights add up to `least`.
//! * **Confidence** is the highest step of the rule's ladder; no step, no finding.
//!
//! # What several rules find
//! A finding whose span lies inside a longer one of at least its confidence is dropped: the longer one explains it. Equal
//! spans of different rules all stay, whatever their confidence: several countries may claim one number. A finding with
//! `until` is never dropped, and explains what has its very span too: its end is not known in time for anything else.
//! Findings are ordered by start, end, rule; those with `until` come after the others that begin where they do.
//!
//! # How
//! `language` and `pattern` read patterns, `separators` lets separators into them, `machine` is a rule's automaton (`lazy` a
//! large one's), `values` finds the group in its matches, `lead` where values begin in them, `refusal` what a validator refuses
//! without a match, `behind` what can follow a sign, `latch` follows values with `until`.
//! `gate` is the cheap sign without which a rule is not run. `tables` lays the gates of all rules out for `sweep`, one pass over
//! the text in blocks of which `simd` tells what their bytes are; `bound` tries the rules that need a context word, `bundle` the
//! many rules about numbers as one in streams. `dictionary` finds the entries of all word lists at once, `context` the words
//! around candidates, `resolve` decides confidence and overlaps, and `stream` does all of it in pieces. `initials` says what
//! a word may begin; `disguise` reads what is not written as it is, in whole texts and streams.
//!
//! # Cost
//! A scan counts the bytes that automata read ([`Scratch::spent`]) and stops where [`Scratch::set_budget`] says: rules hold
//! [`MAX_WIDTH`] bytes at most, so a byte costs no more than that for each active rule, and in ordinary text far less than one.

#[cfg(test)]
mod agreement;
mod behind;
mod bound;
mod bundle;
mod context;
mod dictionary;
mod disguise;
mod gate;
mod initials;
mod language;
mod latch;
mod lazy;
mod lead;
mod machine;
pub mod oracle;
mod pattern;
pub mod peers;
pub mod rank;
mod refusal;
mod resolve;
mod separators;
#[doc(hidden)]
pub mod simd;
pub mod speech;
mod stream;
mod sweep;
mod tables;
pub mod validator;
mod values;

pub use dictionary::{Case, WordList};
pub use disguise::{DECODE_DEPTH, Disguise};
pub use gate::Gate;
pub use pattern::MAX_WIDTH;
pub use stream::StreamScanner;

use crate::pack::{Confidence, Rule};
use bound::Reaches;
use bundle::Sets;
use context::{Hit, Words};
use dictionary::{Dictionary, TooLong};
use disguise::digits::{self, Joins, Proof, Reading};
use disguise::joinable::{self, Joinable, Lengths};
use disguise::signs::Signs;
use disguise::{Allowance, Cx, Marks};
use initials::{Initials, what};
use latch::{Latch, Terminator};
use lazy::Automaton;
use lead::Lead;
use machine::Machine;
use pattern::{PatternError, Patterns};
use refusal::Refusal;
use regex_automata::hybrid;
use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::Hir;
use resolve::{Resolver, Surroundings, View};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use sweep::{Cursors, Reached};
use tables::{Gated, Gates};
use values::Values;

/// A confirmed match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Index into [`Engine::rules`].
    pub rule: u32,
    /// Byte range of the value: the group `value` if the pattern has one, else the match; with `until`, on to its end.
    pub span: Range<usize>,
    /// How the value begins, if it goes on from there to the rule's `until`. It stands for the value where values are
    /// compared, since more is not known when a stream has to decide.
    pub opener: Option<Range<usize>>,
    /// The value has not ended where the text has, so far: the finding will be handed out again, longer.
    pub goes_on: bool,
    pub confidence: Confidence,
    pub validated: bool,
    /// Byte range of the context word that counted.
    pub context: Option<Range<usize>>,
    /// How the value was read if it is not written as it is.
    pub disguise: Option<Arc<Disguise>>,
}

impl Finding {
    /// A finding for tests.
    #[cfg(test)]
    pub(crate) fn sample() -> Finding {
        Finding {
            rule: 0,
            span: 0..4,
            opener: None,
            goes_on: false,
            confidence: Confidence::High,
            validated: false,
            context: None,
            disguise: None,
        }
    }

    /// What tells it from others of its rule while it goes on.
    fn begins_as(&self, rule: u32, start: usize) -> bool {
        self.rule == rule && self.span.start == start
    }

    /// Where the part ends that is known when it is handed out first.
    fn head_end(&self) -> usize {
        self.opener.as_ref().unwrap_or(&self.span).end
    }

    /// The value as it reads, in the text that was scanned; of one that goes on to an `until`, how it begins.
    pub fn value<'v>(&'v self, text: &'v str) -> &'v str {
        match &self.disguise {
            Some(disguise) => &disguise.value,
            None => &text[self.opener.as_ref().unwrap_or(&self.span).clone()],
        }
    }
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
    pub fn all(rules: usize) -> Self {
        let mut set = Self::none(rules);
        (0..rules).for_each(|rule| set.insert(rule));
        set
    }
    /// How many rules are in it.
    pub fn count(&self) -> usize {
        self.bits.iter().map(|b| b.count_ones() as usize).sum()
    }
    pub fn insert(&mut self, rule: usize) {
        self.bits[rule / 64] |= 1 << (rule % 64);
    }
    pub fn contains(&self, rule: usize) -> bool {
        self.bits[rule / 64] >> (rule % 64) & 1 == 1
    }
    /// Whether a rule is in both.
    pub fn meets(&self, other: &RuleSet) -> bool {
        self.bits.iter().zip(&other.bits).any(|(own, other)| own & other != 0)
    }
}

/// Every rule of a generation, compiled. Immutable and shared.
pub struct Engine {
    /// Tells engines apart, so that a [`Scratch`] may move between them.
    number: u64,
    rules: Vec<Arc<Rule>>,
    by_id: HashMap<String, usize>,
    compiled: Vec<Compiled>,
    gates: Gates,
    words: Words,
    /// The word lists of all rules, if any has one.
    dictionary: Option<Dictionary>,
    /// What words may begin.
    initials: Initials,
    /// How far from their words rules that need one can stand.
    reaches: Reaches,
    /// Which rules can take digits drawn together.
    joinable: Joinable,
    /// How often what was read is read again.
    decode_depth: usize,
}

/// One rule, ready to run.
struct Compiled {
    automaton: Automaton,
    gates: Vec<Gate>,
    /// Finds the groups named `value`, if the rule has any.
    values: Option<Values>,
    /// What stands in front of values, where that is known and the rule is swept in order.
    lead: Option<Lead>,
    /// What its validator can refuse before it is walked.
    refusal: Option<Refusal>,
    /// How values end that are longer than a match.
    until: Option<Terminator>,
    /// Whether a context word can raise the confidence, by `validated`.
    context: [bool; 2],
    /// Without a context word it finds nothing.
    needs_context: bool,
    /// No match is longer, in bytes.
    longest: usize,
    /// What its validator's yes is worth.
    proof: Proof,
    /// Lengths of digits drawn together that it may take.
    joined: Lengths,
}

impl Compiled {
    /// Compiles a rule. The machine beside it is one that matches wherever the rule does, if the rule's own is too large.
    fn new(rule: &Rule) -> Result<(Compiled, Option<Machine>), PatternError> {
        let patterns = Patterns::read(rule)?;
        let nfa = patterns.nfa()?;
        let (automaton, relaxed, longest) = match Machine::build(&nfa, machine::LIMIT) {
            Ok(machine) => {
                let longest = machine.longest();
                (Automaton::Full(machine), None, longest)
            }
            Err(machine::TooLarge) => {
                let lazy = Automaton::lazy(&nfa).ok_or_else(|| pattern::too_large(0))?;
                (lazy, Some(relaxed_machine(&patterns, &patterns.hirs, 0)?), patterns.longest())
            }
        };
        if longest > MAX_WIDTH {
            let (message, help) = pattern::too_wide(longest);
            return Err(PatternError { pattern: 0, message, help });
        }
        let gates = match rule.dictionary {
            Some(_) => Vec::new(),
            None => gates_of(&patterns, automaton.machine_or(&relaxed))?,
        };
        let values = match patterns.values {
            0 => None,
            _ => Some(Values::new(nfa, &patterns, &rule.separators)?),
        };
        let words = rule.context.as_ref().is_some_and(|c| c.raising().any(|w| !w.trim().is_empty()));
        let raises = |validated| words && rule.ladder.reached(validated, true) > rule.ladder.reached(validated, false);
        let context = [raises(false), raises(true)];
        let alone = rule.ladder.pattern.or(rule.ladder.reached(rule.validator.is_some(), false));
        let needs_context = alone.is_none();
        let lead = if gates.len() == 1 { Lead::new(&patterns) } else { None };
        let until = Terminator::new(rule, &patterns)?;
        let refusal = Refusal::new(rule, &patterns.hirs);
        let proof = Proof::of(rule.validator);
        let joined = match rule.dictionary {
            Some(_) => Lengths::default(),
            None => joinable::lengths(automaton.machine_or(&relaxed)),
        };
        Ok((
            Compiled { automaton, gates, values, lead, refusal, until, context, needs_context, longest, proof, joined },
            relaxed,
        ))
    }

    /// Whether several gates may open for it out of order.
    fn out_of_order(&self) -> bool {
        self.gates.len() > 1
    }
}

/// How a rule's patterns are found; `machine` matches wherever they do.
fn gates_of(patterns: &Patterns, machine: &Machine) -> Result<Vec<Gate>, PatternError> {
    let plain = (!patterns.spaced()).then_some(&patterns.hirs);
    let joined = plain.map(|hirs| Hir::alternation(hirs.clone()));
    match gate::choose(machine, joined.as_ref()) {
        Some(gate) => Ok(vec![gate]),
        // Patterns that differ much share no gate; each then needs its own.
        None => (0..patterns.hirs.len())
            .map(|pattern| {
                let alone = match Machine::build(&patterns.pattern_nfa(pattern)?, machine::LIMIT) {
                    Ok(machine) => machine,
                    Err(machine::TooLarge) => relaxed_machine(patterns, &patterns.hirs[pattern..=pattern], pattern)?,
                };
                gate::choose(&alone, plain.map(|hirs| &hirs[pattern])).ok_or_else(|| PatternError {
                    pattern,
                    message: "the pattern has nothing to start from: no word, no digit, no rare character, no long run"
                        .into(),
                    help: "begin it with a fixed word or digits, or name the words that must stand in it".into(),
                })
            })
            .collect(),
    }
}

type CompiledRule = Result<(Compiled, Option<Machine>), PatternError>;

/// Compiles rules on all cores: a reload should not wait for a second.
fn compile_all(rules: &[Arc<Rule>]) -> Vec<CompiledRule> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    // Neighbours are alike and some packs are heavy, so each worker takes every n-th rule.
    let share = |worker: usize| -> Vec<CompiledRule> {
        rules.iter().skip(worker).step_by(workers).map(|rule| Compiled::new(rule)).collect()
    };
    let mut shares: Vec<_> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..workers).map(|worker| scope.spawn(move || share(worker))).collect();
        let own = share(0);
        let others = others.into_iter().map(|other| other.join().expect("compiling rules does not panic"));
        std::iter::once(own).chain(others).map(Vec::into_iter).collect()
    });
    (0..rules.len()).map(|rule| shares[rule % workers].next().expect("every rule is in one share")).collect()
}

fn relaxed_machine(patterns: &Patterns, hirs: &[Hir], pattern: usize) -> Result<Machine, PatternError> {
    let nfa = patterns.nfa_of(hirs.iter().map(pattern::relaxed).collect())?;
    Machine::build(&nfa, pattern::AUTOMATON_LIMIT).map_err(|_| pattern::too_large(pattern))
}

/// What a worker keeps for one rule.
#[derive(Default)]
struct Caches {
    states: Option<hybrid::dfa::Cache>,
    groups: Option<values::Cache>,
}

/// A match that may become a finding.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    rule: u32,
    start: usize,
    end: usize,
    value: (usize, usize),
    reading: Reading,
    /// The validator said no.
    rejected: bool,
    /// Where the value reaches, in rules with `until`.
    latch: Option<Latch>,
    /// The rule has a validator and it said yes.
    validated: bool,
    /// No context word stands before it.
    nothing_before: bool,
    /// Explained by an accepted candidate.
    dropped: bool,
}

impl Candidate {
    /// Whether it can become a finding at all.
    fn possible(&self, engine: &Engine) -> bool {
        let ladder = engine.rules[self.rule as usize].ladder;
        let step = if self.rejected {
            ladder.pattern
        } else {
            let context = engine.compiled[self.rule as usize].context[usize::from(self.validated)];
            ladder.reached(self.validated, context)
        };
        step.is_some()
    }

    /// Where the rule's next candidate may begin at the earliest; the end of all text while that is not known.
    fn next(&self) -> usize {
        match self.latch {
            _ if self.rejected => self.start + 1,
            Some(latch) if latch.open => usize::MAX,
            Some(latch) => latch.reach.max(self.end),
            None => self.end,
        }
    }

    fn shift(&mut self, by: usize) {
        self.start += by;
        self.end += by;
        self.value = (self.value.0 + by, self.value.1 + by);
        if let Some(latch) = &mut self.latch {
            latch.start += by;
            latch.reach += by;
        }
    }
}

/// Reusable memory of scans; one per worker.
#[derive(Default)]
pub struct Scratch {
    /// The engine that the memory below was made for.
    engine: u64,
    cursors: Cursors,
    candidates: Vec<Candidate>,
    /// Which bytes of the text are digits, a mask per block.
    digits: Vec<u64>,
    /// Long runs of the text, by [`gate::RunOf`].
    runs: [Vec<Range<usize>>; 2],
    /// Where context words may begin in a whole text, and where they do.
    openings: Vec<usize>,
    words: Vec<Hit>,
    /// How far bound rules have been tried.
    zones: Cursors,
    /// Matches to be taken in order: rule, start, end.
    late: Vec<(u32, usize, usize)>,
    caches: Vec<Caches>,
    sets: Sets,
    slots: Vec<Option<NonMaxUsize>>,
    canonical: String,
    surroundings: Surroundings,
    resolver: Resolver,
    dictionary: dictionary::Buffers,
    signs: Signs,
    joins: Joins,
    marks: Marks,
    /// Work left, and work done since it was last asked for; in bytes that automata have read.
    budget: Option<u64>,
    spent: u64,
}

impl Scratch {
    /// Lets scans do so much more work from now on; `None` is without a bound. A unit is a byte read by an automaton, so a
    /// clean text costs a fraction of its bytes and text made of beginnings many times its bytes.
    pub fn set_budget(&mut self, work: Option<u64>) {
        self.budget = work;
        self.spent = 0;
    }

    fn over_budget(&self) -> bool {
        self.budget.is_some_and(|budget| self.spent > budget)
    }

    /// No more work is allowed.
    fn exhaust(&mut self) {
        self.spent = self.budget.map_or(self.spent, |budget| budget.saturating_add(1).max(self.spent));
    }

    /// Work done since the budget was set.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    fn begin(&mut self, engine: &Engine) {
        if self.engine != engine.number {
            self.engine = engine.number;
            self.caches.clear();
            self.caches.resize_with(engine.rules.len(), Caches::default);
            self.cursors = Cursors::default();
            self.zones = Cursors::default();
            self.sets = Sets::default();
        }
        self.cursors.reset(engine.rules.len());
        self.zones.reset(engine.rules.len());
        self.digits.clear();
        self.runs.iter_mut().for_each(Vec::clear);
        self.openings.clear();
        self.words.clear();
        self.candidates.clear();
        self.late.clear();
        self.signs.clear();
    }
}

/// Why a rule cannot be compiled: the rule and a message for its author.
#[derive(Debug, Clone)]
pub struct RuleError {
    pub rule: usize,
    pub pattern: usize,
    pub message: String,
    pub help: String,
}

impl Engine {
    /// Compiles every rule; all that cannot be compiled are reported.
    pub fn compile(rules: Vec<Arc<Rule>>) -> Result<Engine, Vec<RuleError>> {
        static ENGINES: AtomicU64 = AtomicU64::new(1);
        let (mut compiled, mut relaxed, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (index, result) in compile_all(&rules).into_iter().enumerate() {
            match result {
                Ok((one, machine)) => {
                    compiled.push(one);
                    relaxed.push(machine);
                }
                Err(PatternError { pattern, message, help }) => {
                    problems.push(RuleError { rule: index, pattern, message, help });
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let words = Words::build(&rules);
        let dictionary = Dictionary::build(&rules).map_err(|TooLong { rule }| {
            let (message, help) = ("the word lists of all rules together are longer than 1 GiB", "shorten them");
            vec![RuleError { rule, pattern: 0, message: message.into(), help: help.into() }]
        })?;
        let gates = Gates::new(
            compiled.iter().zip(&relaxed).enumerate().map(|(i, (compiled, relaxed))| Gated {
                rule: i as u32,
                full: compiled.automaton.machine(),
                machine: compiled.automaton.machine_or(relaxed),
                gates: &compiled.gates,
                needs_context: compiled.needs_context,
                longest: compiled.longest,
            }),
            words.signs(),
        );
        let mut initials = Initials::default();
        gates.at_words.all().for_each(|gram| initials.insert_gram(gram));
        words.initials().for_each(|key| initials.insert(key, what::CONTEXT));
        let entries = dictionary.iter().flat_map(Dictionary::initials);
        entries.for_each(|key| initials.insert(key, what::ENTRY));
        let joinable = Joinable::new(&rules, &compiled, &words);
        let reaches = Reaches::new(&gates, &words);
        let by_id = rules.iter().enumerate().map(|(i, r)| (r.id.clone(), i)).collect();
        let number = ENGINES.fetch_add(1, Ordering::Relaxed);
        Ok(Engine {
            number,
            rules,
            by_id,
            compiled,
            gates,
            words,
            dictionary,
            initials,
            reaches,
            joinable,
            decode_depth: DECODE_DEPTH,
        })
    }

    /// Reads disguises within disguises to this depth; 0 reads none.
    pub fn set_decode_depth(&mut self, depth: usize) {
        self.decode_depth = depth;
    }

    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.rules
    }

    /// The index of the rule with that id.
    pub fn rule_index(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Every rule.
    pub fn all(&self) -> RuleSet {
        RuleSet::all(self.rules.len())
    }

    /// A value of `rule` without its separators, or an entry of its dictionary without case: the same for all its written
    /// forms, as fingerprints need it.
    pub fn canonical<'v>(&self, rule: usize, value: &'v str) -> Cow<'v, str> {
        match &self.rules[rule].dictionary {
            Some(_) => {
                let mut folded = String::with_capacity(value.len());
                context::fold_word(value, &mut folded);
                folded.into()
            }
            None => separators::remove(value, &self.rules[rule].separators),
        }
    }

    /// How each rule is found, by index; several where its patterns need it.
    pub fn gates(&self) -> impl Iterator<Item = &[Gate]> {
        self.compiled.iter().map(|c| c.gates.as_slice())
    }

    /// The longest match of each rule in bytes, by index.
    pub fn longest_matches(&self) -> impl Iterator<Item = usize> {
        self.compiled.iter().map(|c| c.longest)
    }

    /// Size of the compiled rules in bytes, without the rules as read.
    pub fn memory(&self) -> usize {
        let values = |c: &Compiled| c.values.as_ref().map_or(0, Values::memory);
        let around =
            |c: &Compiled| c.lead.as_ref().map_or(0, Lead::memory) + c.until.as_ref().map_or(0, Terminator::memory);
        self.compiled
            .iter()
            .map(|c| c.automaton.memory() + values(c) + around(c) + size_of::<Compiled>())
            .sum::<usize>()
            + self.gates.memory()
            + self.words.memory()
            + self.initials.memory()
            + self.reaches.memory()
            + self.dictionary.as_ref().map_or(0, Dictionary::memory)
    }

    /// Every finding of the active rules in a whole text, ordered by start, then end, then rule.
    ///
    /// Returns the offset up to which the text was inspected: its length, unless the work allowed by
    /// [`Scratch::set_budget`] ran out, or the text holds more disguises than are read of a text of its length.
    pub fn scan(&self, text: &str, active: &RuleSet, scratch: &mut Scratch, out: &mut Vec<Finding>) -> usize {
        let mut allowance = Allowance::default();
        allowance.earn(text.len());
        Cx { engine: self, active, scratch, allowance: &mut allowance }.scan(text, self.decode_depth, out)
    }

    /// As [`Engine::scan`], but for disguises that need a page, and for what begins before `from`.
    fn scan_as_written(
        &self,
        text: &str,
        from: usize,
        active: &RuleSet,
        scratch: &mut Scratch,
        out: &mut Vec<Finding>,
    ) -> usize {
        scratch.begin(self);
        scratch.cursors.start_at(from);
        let inspected = sweep::sweep_whole(self, text, active, scratch);
        scratch.surroundings.take(&mut scratch.words);
        let reached = Reached { live: inspected, free: inspected };
        let reached = digits::read(self, text, from, true, active, scratch, reached);
        self.resolve(text, scratch, out);
        scratch.surroundings.give_back(&mut scratch.words);
        reached.live
    }

    /// What becomes of the candidates of a whole text.
    fn resolve(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<Finding>) {
        if scratch.candidates.is_empty() {
            return;
        }
        scratch.resolver.clear();
        for candidate in scratch.candidates.drain(..) {
            scratch.resolver.add(self, candidate);
        }
        let view = View { text, base: 0, decided: text.len(), free: text.len(), ended: true };
        scratch.resolver.resolve(self, view, &mut scratch.surroundings, out);
    }

    /// Takes a match of `rule`, and moves its cursor. With `ended`, nothing comes after `text`.
    fn matched(&self, rule: u32, text: &str, (start, end): (usize, usize), ended: bool, scratch: &mut Scratch) {
        let candidate = self.candidate(rule, text, (start, end), ended, scratch);
        scratch.cursors.raise(rule, candidate.next());
        if !candidate.rejected || self.rules[rule as usize].ladder.pattern.is_some() {
            scratch.candidates.push(candidate);
        }
    }

    /// A match of `rule` as a candidate: its value, and what the validator says.
    fn candidate(
        &self,
        rule: u32,
        text: &str,
        (start, end): (usize, usize),
        ended: bool,
        scratch: &mut Scratch,
    ) -> Candidate {
        let mut value = (start, end);
        if let Some(values) = &self.compiled[rule as usize].values {
            let groups = &mut scratch.caches[rule as usize].groups;
            value = values.find(text, start..end, groups, &mut scratch.slots).unwrap_or(value);
        }
        let rule_of = &self.rules[rule as usize];
        let accepted = rule_of.validator.is_none_or(|validator| {
            let written = &text[value.0..value.1];
            if rule_of.separators.is_empty() {
                return (validator.check)(written);
            }
            separators::remove_into(written, &rule_of.separators, &mut scratch.canonical);
            (validator.check)(&scratch.canonical)
        });
        let latch = self.compiled[rule as usize].until.as_ref().map(|terminator| {
            let mut latch = Latch { rule, start: value.0, reach: end, open: true };
            latch.advance(terminator, text, 0, ended);
            latch
        });
        Candidate {
            rule,
            start,
            end,
            value,
            latch,
            reading: Reading::AsWritten,
            rejected: !accepted,
            validated: accepted && rule_of.validator.is_some(),
            nothing_before: false,
            dropped: false,
        }
    }
}
