//! The engine's findings against the oracle's, and against those of peers.

use crate::texts::boundary_before;
use portcullis::detect::oracle::Oracle;
use portcullis::detect::{Engine, Finding, RuleSet, Scratch};
use portcullis::pack::Rule;
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

/// The oracle is slow: it reads this many bytes of a row's texts, of long ones from several places.
const READ: usize = 64 << 10;
const SLICE: usize = 16 << 10;

pub struct Agreement {
    oracle: Oracle,
    rows: Vec<Row>,
}

/// Texts of one kind and length, compared with one other matcher.
struct Row {
    texts: String,
    with: &'static str,
    bytes: usize,
    expected: usize,
    missing: usize,
    extra: usize,
}

impl Agreement {
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let oracle = Oracle::new(rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self { oracle, rows: Vec::new() }
    }

    pub fn with_oracle(&mut self, name: &str, texts: &[String], engine: &Engine, active: &RuleSet) {
        let (mut scratch, mut own) = (Scratch::default(), Vec::new());
        let mut left = READ;
        for text in texts {
            for slice in slices(text) {
                let Some(rest) = left.checked_sub(slice.len()) else { return };
                left = rest;
                own.clear();
                engine.scan(slice, active, &mut scratch, &mut own);
                let expected = self.oracle.scan(slice, active);
                self.compare(name, "oracle", slice, &expected, &own);
            }
        }
    }

    /// Takes in what another has compared.
    pub fn join(&mut self, other: Agreement) {
        self.rows.extend(other.rows);
    }

    /// Counts what two matchers found in a text. What the engine reads in disguised text is nothing that others look for.
    pub fn compare(&mut self, name: &str, with: &'static str, text: &str, expected: &[Finding], own: &[Finding]) {
        let lacking = |all: &[Finding], wanted: &[Finding]| {
            let all: HashMap<_, _> = all.iter().map(|f| ((f.span.start, f.span.end, f.rule), f)).collect();
            wanted.iter().filter(|f| all.get(&(f.span.start, f.span.end, f.rule)) != Some(f)).count()
        };
        let own: Vec<Finding> = own.iter().filter(|finding| finding.disguise.is_none()).cloned().collect();
        let same = |row: &Row| row.texts == name && row.with == with;
        let at = self.rows.iter().position(same).unwrap_or_else(|| {
            self.rows.push(Row { texts: name.into(), with, bytes: 0, expected: 0, missing: 0, extra: 0 });
            self.rows.len() - 1
        });
        let row = &mut self.rows[at];
        row.bytes += text.len();
        row.expected += expected.len();
        row.missing += lacking(&own, expected);
        row.extra += lacking(expected, &own);
    }

    /// Prints what was compared; fails if anything differs.
    pub fn report(&self) -> ExitCode {
        println!(
            "### Agreement\n\n| texts | with | bytes compared | its findings | missing | extra |\n|---|---|---|---|---|---|"
        );
        for Row { texts, with, bytes, expected, missing, extra } in &self.rows {
            println!("| {texts} | {with} | {bytes} | {expected} | {missing} | {extra} |");
        }
        println!();
        if self.rows.iter().all(|row| row.missing == 0 && row.extra == 0) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// A short text as it is; of a long one parts from all over it, which together are read.
fn slices(text: &str) -> impl Iterator<Item = &str> {
    let count = if text.len() > SLICE { READ / SLICE } else { 1 };
    (0..count).map(move |slice| {
        let start = boundary_before(text, text.len() / count * slice);
        &text[start..boundary_before(text, start + SLICE)]
    })
}
