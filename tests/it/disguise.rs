//! Disguised values are found, at the bytes that carry them; and text that disguises nothing is left alone.
//!
//! The table in `docs/reference/disguises.md` is the output of [`what_is_found`] and of [`rules`].

pub mod clean;
mod rules;
pub mod values;
pub mod writings;

use crate::random::Random;
use portcullis::detect::{Engine, Finding, Scratch};
use portcullis::diagnostic::Problems;
use portcullis::pack::Library;
use std::fmt::Write;
use std::ops::Range;
use std::sync::LazyLock;
use values::{KINDS, Kind, frame};
use writings::{Class, WRITINGS, Writing};

/// The shipped rules, reading disguises and not.
pub static READING: LazyLock<Engine> = LazyLock::new(shipped);
static PLAIN: LazyLock<Engine> = LazyLock::new(|| {
    let mut engine = shipped();
    engine.set_decode_depth(0);
    engine
});

fn shipped() -> Engine {
    let mut problems = Problems::new();
    let library = Library::read(&Library::embedded_sources(), &mut problems);
    Engine::compile(library.rules().cloned().collect()).expect("the shipped rules compile")
}

pub fn scan(engine: &Engine, text: &str, scratch: &mut Scratch) -> Vec<Finding> {
    let mut found = Vec::new();
    engine.scan(text, &engine.all(), scratch, &mut found);
    found
}

/// A sentence with a value as written somehow.
pub struct Sample {
    pub text: String,
    /// Where the value stands, from its first letter or digit to its last.
    pub value: Range<usize>,
}

impl Sample {
    pub fn new(before: &str, written: &str, after: &str) -> Self {
        let edge = |c: char| !c.is_alphanumeric();
        let tags = ["<td>", "</td>", "<b>", "</b>"];
        let from =
            tags.iter().fold(written, |rest, tag| rest.strip_prefix(tag).unwrap_or(rest)).trim_start_matches(edge);
        let until =
            tags.iter().fold(written, |rest, tag| rest.strip_suffix(tag).unwrap_or(rest)).trim_end_matches(edge);
        // Characters that show nothing have no edges.
        let (from, until) = if from.is_empty() { (written, written) } else { (from, until) };
        let start = before.len() + written.len() - from.len();
        let end = before.len() + until.len();
        Self { text: format!("{before}{written}{after}"), value: start..end.max(start) }
    }
}

/// What became of a sample.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Found,
    Missed,
    /// Found, but a part of the value would stay, or more would go than the value and the marks around it.
    WrongSpan,
}

pub fn outcome(engine: &Engine, kind: &Kind, sample: &Sample, scratch: &mut Scratch) -> Outcome {
    let found = scan(engine, &sample.text, scratch);
    let own = |f: &&Finding| kind.rules.contains(&engine.rules()[f.rule as usize].id.as_str());
    let mut spans: Vec<Range<usize>> = found.iter().filter(own).map(|f| f.span.clone()).collect();
    spans.retain(|span| span.start < sample.value.end && sample.value.start < span.end);
    spans.dedup();
    let Some(start) = spans.iter().map(|s| s.start).min() else { return Outcome::Missed };
    let end = spans.iter().map(|s| s.end).max().unwrap_or(start);
    let beyond = |part: &str| part.chars().any(|c| c.is_alphanumeric());
    let right = spans.contains(&(start..end))
        && start <= sample.value.start
        && sample.value.end <= end
        && !beyond(&sample.text[start..sample.value.start])
        && !beyond(&sample.text[sample.value.end..end]);
    if right { Outcome::Found } else { Outcome::WrongSpan }
}

/// How many samples were found, of how many.
#[derive(Default, Clone, Copy)]
struct Count {
    found: usize,
    wrong: usize,
    all: usize,
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        self.all += 1;
        self.found += usize::from(*outcome == Outcome::Found);
        self.wrong += usize::from(*outcome == Outcome::WrongSpan);
    }

    fn sum(counts: impl Iterator<Item = Count>) -> Count {
        counts.fold(Count::default(), |a, b| Count {
            found: a.found + b.found,
            wrong: a.wrong + b.wrong,
            all: a.all + b.all,
        })
    }

    fn percent(self) -> f64 {
        100.0 * self.found as f64 / self.all.max(1) as f64
    }
}

/// Cases per writing and kind.
fn cases() -> usize {
    std::env::var("PORTCULLIS_DISGUISE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2)
}

/// Every kind of value written in one way; with no `cases`, one in one of the languages only.
fn measure(write: &dyn Fn(&str, &mut Random) -> Option<String>, cases: usize, seed: u64, missed: &mut String) -> Count {
    let (mut random, mut scratch, mut count) = (Random(seed * 2 + 1), Scratch::default(), Count::default());
    for kind in KINDS {
        let one = random.below(kind.called.len());
        for (language, called) in if cases == 0 { &kind.called[one..=one] } else { kind.called } {
            for _ in 0..cases.max(1) {
                let value = (kind.make)(&mut random);
                let (before, after) = frame(language, called, &mut random);
                let Some(written) = write(&value, &mut random) else { continue };
                let sample = Sample::new(&before, &written, &after);
                let outcome = outcome(&READING, kind, &sample, &mut scratch);
                count.add(&outcome);
                if outcome != Outcome::Found {
                    writeln!(missed, "    {outcome:?} {}: {:?}", kind.name, sample.text).expect("a string takes text");
                }
            }
        }
    }
    count
}

fn within(outer: &Writing, inner: &Writing) -> impl Fn(&str, &mut Random) -> Option<String> {
    let (outer, inner) = (outer.write, inner.write);
    move |value, random| inner(value, random).and_then(|written| outer(&written, random))
}

#[test]
fn what_is_found() {
    let encodings: Vec<&Writing> = WRITINGS.iter().filter(|w| w.class == Class::Encoding).collect();
    let mut table = String::from("| written as | found | of |\n|---|---|---|\n");
    let mut missed = String::new();
    let mut row = |name: &str, count: Count| {
        writeln!(table, "| {name} | {:.1} % | {} |", count.percent(), count.all).expect("a string takes text");
    };
    let (mut goals, mut seed) = (Vec::new(), 0);
    let mut measured = |name: &str, write: &dyn Fn(&str, &mut Random) -> Option<String>, cases: usize| {
        seed += 1;
        writeln!(missed, "{name}").expect("a string takes text");
        measure(write, cases, seed, &mut missed)
    };
    let plain = measured("plainly", &|value, _| Some(value.to_owned()), cases());
    row("plainly", plain);
    for (class, title, goal) in [
        (Class::Form, "**characters that stand for others**", 99.0),
        (Class::Apart, "**digits apart or in words**", 95.0),
        (Class::Encoding, "**encodings**", 97.0),
    ] {
        let rows: Vec<(&str, Count)> = WRITINGS
            .iter()
            .filter(|w| w.class == class)
            .map(|w| (w.name, measured(w.name, &w.write, cases())))
            .collect();
        let sum = Count::sum(rows.iter().map(|(_, count)| *count));
        row(title, sum);
        rows.iter().for_each(|(name, count)| row(name, *count));
        goals.push((title, sum, goal));
    }
    let twice = Count::sum(
        encodings
            .iter()
            .flat_map(|outer| encodings.iter().map(move |inner| (outer, inner)))
            .map(|(outer, inner)| measured(&format!("{} in {}", inner.name, outer.name), &within(outer, inner), 0)),
    );
    row("**an encoding in an encoding**", twice);
    goals.push(("an encoding in an encoding", twice, 97.0));
    let apart = WRITINGS.iter().filter(|w| w.class == Class::Apart);
    let within_encoding =
        Count::sum(apart.map(|inner| measured(&format!("{} in base64", inner.name), &within(encodings[0], inner), 0)));
    row("**digits apart in base64**", within_encoding);
    println!("{table}");
    if let Some(path) = std::env::var_os("PORTCULLIS_DISGUISE_MISSED") {
        std::fs::write(path, &missed).expect("the file of missed samples can be written");
    }
    assert!(plain.percent() == 100.0, "plain values are found");
    let short: Vec<String> = goals
        .iter()
        .filter(|(_, count, goal)| count.percent() < *goal)
        .map(|(title, count, goal)| format!("{title}: {:.2} % of {}, not {goal} %", count.percent(), count.all))
        .collect();
    assert!(short.is_empty(), "{}", short.join("\n"));
}

/// Texts in which something is found only because disguises are read.
#[test]
fn clean_text_is_left_alone() {
    let (mut scratch, mut other) = (Scratch::default(), Scratch::default());
    let mut sources: Vec<(&str, Count)> = Vec::new();
    let mut told = String::new();
    for (source, text) in clean::texts() {
        let plain = scan(&PLAIN, &text, &mut other);
        let reading = scan(&READING, &text, &mut scratch);
        let lost = plain.iter().filter(|f| !reading.contains(f)).count();
        assert_eq!(lost, 0, "reading disguises loses findings in {source}");
        let extra: Vec<&Finding> = reading.iter().filter(|f| f.disguise.is_some()).collect();
        if sources.last().is_none_or(|(name, _)| *name != source) {
            sources.push((source, Count::default()));
        }
        let count = &mut sources.last_mut().expect("just pushed").1;
        count.all += 1;
        count.found += usize::from(!extra.is_empty());
        for finding in extra {
            let rule = &READING.rules()[finding.rule as usize].id;
            writeln!(told, "{source}: {rule} {:?}: {:?}", finding.disguise, &text[finding.span.clone()])
                .expect("a string takes text");
        }
    }
    let sum = Count::sum(sources.iter().map(|(_, count)| *count));
    for (source, count) in sources.iter().chain([&("**all**", sum)]) {
        println!("| {source} | {:.2} % | {} |", count.percent(), count.all);
    }
    assert!(sum.percent() <= 0.2, "{:.2} % of clean texts have findings:\n{told}", sum.percent());
    println!("{told}");
}
