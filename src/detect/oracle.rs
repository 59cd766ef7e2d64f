//! The oracle: what the rules mean, done naively, one rule at a time, on the whole text. Slow and simple on purpose.
//!
//! The engine must agree with it on every text, and on every cutting of it. It shares with the engine only the reading of
//! patterns and of the separators in them (which have tests of their own); gates, automata, context search and overlap order are
//! written here a second time.

use super::context::{MAX_SPACE_RUN, is_joint, is_wordy};
use super::language;
use super::pattern::Patterns;
use super::{Case, Finding, MAX_WIDTH, RuleError, RuleSet};
use crate::pack::Rule;
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::{Anchored, Input};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// See the module.
pub struct Oracle {
    rules: Vec<OracleRule>,
}

struct OracleRule {
    rule: Arc<Rule>,
    patterns: Vec<Searcher>,
    until: Option<regex::Regex>,
}

/// One pattern, or the entries of a dictionary.
enum Searcher {
    Plain(regex::Regex),
    Spaced(PikeVM),
    Words(Words),
}

/// The entries of a dictionary by their first character, folded; with their spelling if it counts.
type Words = HashMap<char, Vec<(Vec<char>, Option<String>)>>;

/// A match and the value in it.
type Found = (Range<usize>, Range<usize>);

impl Searcher {
    /// The match that begins first, at or after `from`.
    fn first(&self, text: &str, from: usize) -> Option<Found> {
        match self {
            Searcher::Plain(regex) => {
                let captures = regex.captures_at(text, from)?;
                let whole = captures.get(0).expect("group 0 is the match").range();
                let value = captures.name("value").map(|v| v.range()).filter(|v| !v.is_empty());
                Some((whole.clone(), value.unwrap_or(whole)))
            }
            Searcher::Spaced(vm) => (from..text.len()).filter(|at| text.is_char_boundary(*at)).find_map(|at| {
                let mut captures = vm.create_captures();
                vm.captures(
                    &mut vm.create_cache(),
                    Input::new(text).range(at..).anchored(Anchored::Yes),
                    &mut captures,
                );
                let whole = captures.get_match()?.range();
                let value = (1..captures.group_len()).filter_map(|g| captures.get_group(g)).find(|v| v.end > v.start);
                Some((whole.clone(), value.map_or(whole, |v| v.start..v.end)))
            }),
            Searcher::Words(words) => text.char_indices().filter(|(at, _)| *at >= from).find_map(|(at, c)| {
                let entries = words.get(folded(c).first()?)?;
                let stand_here = entries.iter().filter_map(|(entry, spelling)| {
                    let found = occurrence(text, at, entry, |_| false).filter(|found| found.len() <= MAX_WIDTH)?;
                    let as_spelt = one_space(&text[found.clone()]);
                    spelling.as_ref().is_none_or(|spelling| *spelling == as_spelt).then_some(found)
                });
                stand_here.max_by_key(|found| found.end).map(|found| (found.clone(), found))
            }),
        }
    }
}

impl Oracle {
    pub fn new(rules: &[Arc<Rule>]) -> Result<Oracle, Vec<RuleError>> {
        let mut problems = Vec::new();
        let mut built = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            match searchers(rule).and_then(|patterns| Ok((patterns, until(rule)?))) {
                Ok((patterns, until)) => built.push(OracleRule { rule: rule.clone(), patterns, until }),
                Err((pattern, message)) => {
                    problems.push(RuleError { rule: index, pattern, message, help: String::new() });
                }
            }
        }
        if problems.is_empty() { Ok(Oracle { rules: built }) } else { Err(problems) }
    }

    /// Every finding of the active rules.
    pub fn scan(&self, text: &str, active: &RuleSet) -> Vec<Finding> {
        let mut all = Vec::new();
        for (index, own) in self.rules.iter().enumerate() {
            if active.contains(index) {
                all.extend(own.scan(index as u32, text));
            }
        }
        let explains = |other: &Finding, own: &Finding| {
            own.opener.is_none()
                && (other.span != own.span || other.opener.is_some())
                && other.span.start <= own.span.start
                && own.span.end <= other.span.end
                && other.confidence >= own.confidence
        };
        let mut findings: Vec<Finding> =
            all.iter().filter(|own| !all.iter().any(|other| explains(other, own))).cloned().collect();
        let end = |f: &Finding| if f.opener.is_some() { usize::MAX } else { f.span.end };
        findings.sort_by_key(|f| (f.span.start, end(f), f.rule));
        findings.dedup();
        findings
    }
}

fn searchers(rule: &Rule) -> Result<Vec<Searcher>, (usize, String)> {
    if let Some(list) = &rule.dictionary {
        let mut words = Words::new();
        for entry in list.entries() {
            let spelling = (list.case() == Case::Exact).then(|| one_space(entry));
            let entry: Vec<char> = one_space(entry).chars().flat_map(folded).collect();
            words.entry(entry[0]).or_default().push((entry, spelling));
        }
        return Ok(vec![Searcher::Words(words)]);
    }
    if rule.separators.is_empty() {
        return rule
            .patterns
            .iter()
            .enumerate()
            .map(|(i, p)| regex(p).map(Searcher::Plain).map_err(|e| (i, e)))
            .collect();
    }
    let patterns = Patterns::read(rule).map_err(|e| (e.pattern, e.message))?;
    (0..rule.patterns.len())
        .map(|i| {
            let nfa = patterns.pattern_nfa(i).map_err(|e| (i, e.message))?;
            Ok(Searcher::Spaced(PikeVM::new_from_nfa(nfa).map_err(|e| (i, e.to_string()))?))
        })
        .collect()
}

fn until(rule: &Rule) -> Result<Option<regex::Regex>, (usize, String)> {
    let until = rule.until.as_ref().map(|until| regex(&until.pattern)).transpose();
    until.map_err(|e| (rule.patterns.len(), e))
}

fn regex(pattern: &str) -> Result<regex::Regex, String> {
    let pattern = language::written_out(pattern).map_err(|e| e.to_string())?;
    regex::RegexBuilder::new(&pattern).unicode(false).build().map_err(|e| e.to_string())
}

impl OracleRule {
    /// Where a value ends that begins at `start` with a match that ends at `from`.
    fn latched_end(&self, text: &str, start: usize, from: usize) -> Option<usize> {
        let longest = self.rule.until.as_ref()?.longest;
        let end = self.until.as_ref()?.find_at(text, from).map_or(text.len(), |m| m.end());
        (0..=end.min(start + longest)).rev().find(|at| text.is_char_boundary(*at))
    }

    fn scan(&self, index: u32, text: &str) -> Vec<Finding> {
        let OracleRule { rule, patterns, .. } = self;
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        let mut cursor = 0;
        // Patterns are alternatives: the first position wins, then the order in which they are written.
        while let Some((whole, value)) =
            patterns.iter().filter_map(|s| s.first(text, cursor)).min_by_key(|(whole, _)| whole.start)
        {
            let canonical: String = text[value.clone()].chars().filter(|c| !rule.separators.contains(*c)).collect();
            if rule.validator.is_none_or(|v| (v.check)(&canonical)) {
                let latched = self.latched_end(text, value.start, whole.end);
                cursor = latched.unwrap_or(whole.end);
                accepted.push((whole, value, latched));
            } else {
                cursor = whole.start + text[whole.start..].chars().next().map_or(1, char::len_utf8);
                rejected.push((whole, value));
            }
        }
        let mut findings = Vec::new();
        for (whole, value) in &rejected {
            let explained = accepted.iter().any(|(a, ..)| a.start < whole.end && whole.start < a.end);
            if let (false, Some(confidence)) = (explained, rule.ladder.pattern) {
                findings.push(Finding {
                    rule: index,
                    span: value.clone(),
                    opener: None,
                    goes_on: false,
                    confidence,
                    validated: false,
                    context: None,
                    disguise: None,
                });
            }
        }
        for (whole, value, latched) in accepted {
            let validated = rule.validator.is_some();
            let without = rule.ladder.reached(validated, false);
            let with = rule.ladder.reached(validated, true);
            let context = if with > without { context(rule, text, &whole) } else { None };
            if let Some(confidence) = if context.is_some() { with } else { without } {
                let span = value.start..latched.unwrap_or(value.end);
                let opener = latched.map(|_| value);
                findings.push(Finding {
                    rule: index,
                    span,
                    opener,
                    goes_on: false,
                    confidence,
                    validated,
                    context,
                    disguise: None,
                });
            }
        }
        findings
    }
}

/// The context word that counts: the nearest before the match, else the nearest after it; the longest of equally near ones.
fn context(rule: &Rule, text: &str, whole: &Range<usize>) -> Option<Range<usize>> {
    let words = rule.context.as_ref()?;
    let near = |o: &Range<usize>| {
        (o.end <= whole.start && whole.start - o.end <= words.within)
            || (o.start >= whole.end && o.start - whole.end <= words.within)
    };
    if !words.signals.is_empty() {
        let stands = |list: &[String]| list.iter().any(|word| occurrences(text, word).iter().any(near));
        let signals = words.signals.iter().filter(|signal| stands(&signal.words)).map(|signal| signal.weight);
        if signals.sum::<i32>() + i32::from(stands(&words.words)) < words.least {
            return None;
        }
    }
    let occurrences: Vec<Range<usize>> = words.raising().flat_map(|word| occurrences(text, word)).collect();
    let before = occurrences
        .iter()
        .filter(|o| o.end <= whole.start && whole.start - o.end <= words.within)
        .max_by_key(|o| (o.end, o.len()));
    let after = || {
        occurrences
            .iter()
            .filter(|o| o.start >= whole.end && o.start - whole.end <= words.within)
            .min_by_key(|o| (o.start, std::cmp::Reverse(o.len())))
    };
    before.or_else(after).cloned()
}

fn folded(c: char) -> Vec<char> {
    let c = match c as u32 {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    c.to_lowercase().collect()
}

/// Runs of white space as one space.
fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn occurrences(text: &str, word: &str) -> Vec<Range<usize>> {
    let word: Vec<char> = one_space(&word.replace(is_joint, " ")).chars().flat_map(folded).collect();
    text.char_indices().filter_map(|(start, _)| occurrence(text, start, &word, is_joint)).collect()
}

/// The folded `word` at `start`, where a character that `joins` counts as a space.
fn occurrence(text: &str, start: usize, word: &[char], joins: fn(char) -> bool) -> Option<Range<usize>> {
    let first = text[start..].chars().next()?;
    if is_wordy(first) && text[..start].chars().next_back().is_some_and(is_wordy) {
        return None;
    }
    let (mut at, mut wanted, mut last) = (start, word, first);
    while !wanted.is_empty() {
        last = text[at..].chars().next()?;
        if last.is_whitespace() {
            let run: usize = text[at..].chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
            wanted = wanted.strip_prefix(&[' '])?;
            if run > MAX_SPACE_RUN {
                return None;
            }
            at += run;
        } else if joins(last) {
            let run = text[at + 1..].chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum::<usize>();
            wanted = wanted.strip_prefix(&[' '])?;
            if run > MAX_SPACE_RUN {
                return None;
            }
            at += 1 + run;
        } else {
            wanted = wanted.strip_prefix(folded(last).as_slice())?;
            at += last.len_utf8();
        }
    }
    let goes_on = is_wordy(last) && text[at..].chars().next().is_some_and(is_wordy);
    (at > start && !goes_on).then_some(start..at)
}
