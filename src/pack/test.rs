//! Runs the examples and counter-examples of every rule through the engine that serves traffic.
//!
//! * An **example** must give a finding of its rule, of any confidence. At least one example of a rule must reach the
//!   highest confidence of its ladder, so that a validator or a context word that never helps is noticed.
//! * A **counter-example** must give no finding of its rule, unless the ladder's `pattern` step is `low` (or more): then
//!   it must give none above that step, since anything that looks like the value is reported at it.
//! * Each text is scanned whole and as a stream in pieces of 1, 2, 3, 7 and 16 characters, and the findings must be equal.

use super::{Confidence, Library, Rule};
use crate::detect::{Engine, Finding, RuleSet, Scratch, StreamScanner};
use crate::diagnostic::Problems;
use crate::diagnostic::reader::Choice;
use std::ops::Range;
use std::sync::Arc;

/// Sizes of pieces, in characters.
const PIECES: [usize; 5] = [1, 2, 3, 7, 16];

/// What was run and what failed.
#[derive(Debug, Default)]
pub struct Outcome {
    pub rules: usize,
    pub examples: usize,
    pub counter_examples: usize,
    pub failures: Problems,
}

/// Runs every rule of the library that the engine has.
pub fn run(library: &Library, engine: &Arc<Engine>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut scratch = Scratch::default();
    for (index, rule) in engine.rules().iter().enumerate() {
        outcome.rules += 1;
        let mut active = RuleSet::none(engine.rules().len());
        active.insert(index);
        let run = RuleRun { library, engine, rule, active: Arc::new(active) };
        run.examples(&mut scratch, &mut outcome);
        run.counter_examples(&mut scratch, &mut outcome);
    }
    outcome
}

struct RuleRun<'a> {
    library: &'a Library,
    engine: &'a Arc<Engine>,
    rule: &'a Rule,
    active: Arc<RuleSet>,
}

impl RuleRun<'_> {
    fn examples(&self, scratch: &mut Scratch, outcome: &mut Outcome) {
        let mut best = None;
        for (i, text) in self.rule.examples.iter().enumerate() {
            outcome.examples += 1;
            let at = Sample::Example(i);
            let found = self.scan(text, at, scratch, &mut outcome.failures);
            if found.is_empty() {
                let message = format!("`{}` does not find its value in this example", self.rule.id);
                self.fail(
                    at,
                    message,
                    "correct the example, or the pattern, validator or confidence",
                    &mut outcome.failures,
                );
            }
            best = best.max(found.iter().map(|finding| finding.confidence).max());
        }
        let ladder = self.rule.ladder;
        let highest =
            [ladder.pattern, ladder.validated, ladder.context, ladder.validated_context].into_iter().max().flatten();
        if best < highest && best.is_some() {
            let message =
                format!("no example of `{}` reaches its highest confidence, `{}`", self.rule.id, name(highest));
            self.fail(
                Sample::Rule,
                message,
                "add an example with a valid value beside a context word",
                &mut outcome.failures,
            );
        }
    }

    fn counter_examples(&self, scratch: &mut Scratch, outcome: &mut Outcome) {
        for (i, text) in self.rule.counter_examples.iter().enumerate() {
            outcome.counter_examples += 1;
            let at = Sample::CounterExample(i);
            let found = self.scan(text, at, scratch, &mut outcome.failures);
            let highest = found.iter().map(|finding| finding.confidence).max();
            if highest > self.rule.ladder.pattern {
                let message = format!(
                    "`{}` finds a value in this counter-example, with confidence `{}`",
                    self.rule.id,
                    name(highest)
                );
                self.fail(at, message, "narrow the pattern, or lower its confidence", &mut outcome.failures);
            }
        }
    }

    /// The findings in the whole text, after making sure that streams give the same.
    fn scan(&self, text: &str, at: Sample, scratch: &mut Scratch, failures: &mut Problems) -> Vec<Finding> {
        let mut whole = Vec::new();
        self.engine.scan(text, &self.active, scratch, &mut whole);
        for size in PIECES {
            let split = self.stream(text, size, scratch);
            if split != whole {
                let message = format!(
                    "`{}` finds {} here in the whole text and {} in pieces of {size}",
                    self.rule.id,
                    values(whole.len()),
                    values(split.len())
                );
                self.fail(at, message, "this is a fault of the engine; please report it", failures);
                break;
            }
        }
        whole
    }

    fn stream(&self, text: &str, size: usize, scratch: &mut Scratch) -> Vec<Finding> {
        let mut scanner = StreamScanner::new(self.engine.clone(), self.active.clone());
        let mut found = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let cut = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
            scanner.push(&rest[..cut], scratch, &mut found);
            rest = &rest[cut..];
        }
        scanner.finish(scratch, &mut found);
        found.sort_by_key(|finding| (finding.span.start, finding.span.end));
        found
    }

    fn fail(&self, at: Sample, message: String, help: &str, failures: &mut Problems) {
        let Some(place) = self.library.place(&self.rule.id) else { return };
        let span: Option<&Range<usize>> = match at {
            Sample::Rule => None,
            Sample::Example(i) => place.examples.get(i),
            Sample::CounterExample(i) => place.counter_examples.get(i),
        };
        failures.at(&place.source, span.unwrap_or(&place.id).clone(), message, help);
    }
}

/// What a failure points at.
#[derive(Clone, Copy)]
enum Sample {
    Rule,
    Example(usize),
    CounterExample(usize),
}

fn name(confidence: Option<Confidence>) -> &'static str {
    confidence.map_or("none", Confidence::name)
}

fn values(count: usize) -> String {
    format!("{count} value{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;

    fn told(examples: &str, counter_examples: &str, confidence: &str) -> Vec<String> {
        let text = format!(
            r#"
[pack]
id = "acme"
title = "Acme"
version = "1.0.0"

[[rule]]
id = "acme_badge"
title = "Badge"
category = "other"
severity = "low"
pattern = '\bB\d{{6}}\b'
context = {{ words = ["badge"] }}
confidence = {confidence}
examples = {examples}
counter_examples = {counter_examples}
"#
        );
        let mut problems = Problems::new();
        let library = Library::read(&[Source::new("acme.toml", text)], &mut problems);
        assert!(problems.is_empty(), "{}", problems.render(false));
        let engine = Engine::compile(library.rules().cloned().collect()).expect("a rule that compiles");
        let outcome = run(&library, &Arc::new(engine));
        assert_eq!(outcome.rules, 1);
        let at = |p: &crate::diagnostic::Problem| p.source.as_ref().expect("a source").text[p.span.clone()].to_owned();
        outcome.failures.iter().map(|p| format!("{} @ {}", p.message, at(p))).collect()
    }

    const LADDER: &str = "{ pattern = \"low\", context = \"high\" }";

    #[test]
    fn a_good_rule_passes() {
        let nothing = Vec::<String>::new();
        assert_eq!(told(r#"["my badge is B123456", "B654321"]"#, r#"["B12345", "order B123456"]"#, LADDER), nothing);
    }

    #[test]
    fn an_example_that_is_not_found_is_pointed_at() {
        assert_eq!(
            told(r#"["badge B123456", "badge B12"]"#, r#"["x"]"#, LADDER),
            ["`acme_badge` does not find its value in this example @ \"badge B12\""]
        );
    }

    #[test]
    fn a_ladder_whose_top_is_never_reached_is_noticed() {
        assert_eq!(
            told(r#"["number B123456"]"#, r#"["x"]"#, LADDER),
            ["no example of `acme_badge` reaches its highest confidence, `high` @ \"acme_badge\""]
        );
    }

    #[test]
    fn a_counter_example_may_be_found_only_as_any_look_alike_is() {
        assert_eq!(
            told(r#"["badge B123456"]"#, r#"["badge B654321"]"#, LADDER),
            ["`acme_badge` finds a value in this counter-example, with confidence `high` @ \"badge B654321\""]
        );
        let strict = "{ pattern = \"none\", context = \"low\" }";
        assert_eq!(
            told(r#"["badge B123456"]"#, r#"["badge B654321", "B654321"]"#, strict),
            ["`acme_badge` finds a value in this counter-example, with confidence `low` @ \"badge B654321\""]
        );
    }
}
