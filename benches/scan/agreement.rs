//! The engine's findings against the oracle's, and against those of peers.

use portcullis::detect::oracle::Oracle;
use portcullis::detect::{Engine, Finding, RuleSet, Scratch};
use portcullis::pack::Rule;
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;

/// The oracle is slow: of longer texts it reads this many bytes, from several places.
const SLICE: usize = 16 << 10;
const SLICES: usize = 4;

pub struct Agreement {
    oracle: Oracle,
    rows: Vec<Row>,
}

struct Row {
    text: String,
    with: &'static str,
    expected: usize,
    missing: usize,
    extra: usize,
}

impl Agreement {
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let oracle = Oracle::new(rules).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self { oracle, rows: Vec::new() }
    }

    pub fn with_oracle(&mut self, name: &str, text: &str, engine: &Engine, active: &RuleSet) {
        let (mut own, mut expected) = (Vec::new(), Vec::new());
        let slices = if text.len() > SLICE { SLICES } else { 1 };
        for slice in 0..slices {
            let start = text.floor_char_boundary(text.len() / slices * slice);
            let slice = &text[start..text.floor_char_boundary(start + SLICE)];
            let base = own.len();
            engine.scan(slice, active, &mut Scratch::default(), &mut own);
            // Slices are apart, so that findings of one are not taken for those of another.
            let apart = |f: &mut Finding| f.span = f.span.start + start..f.span.end + start;
            own[base..].iter_mut().for_each(apart);
            let base = expected.len();
            expected.extend(self.oracle.scan(slice, active));
            expected[base..].iter_mut().for_each(apart);
        }
        let part = if slices > 1 { format!(", {slices} × {} KiB of it", SLICE >> 10) } else { String::new() };
        self.compare(format!("{name} {}{part}", text.len()), "oracle", &expected, &own);
    }

    pub fn with_peer(&mut self, name: &str, bytes: usize, peer: &'static str, found: &[Finding], own: &[Finding]) {
        self.compare(format!("{name} {bytes}"), peer, found, own);
    }

    fn compare(&mut self, text: String, with: &'static str, expected: &[Finding], own: &[Finding]) {
        let lacking = |all: &[Finding], wanted: &[Finding]| {
            let all: HashMap<_, _> = all.iter().map(|f| ((f.span.start, f.span.end, f.rule), f)).collect();
            wanted.iter().filter(|f| all.get(&(f.span.start, f.span.end, f.rule)) != Some(f)).count()
        };
        let (missing, extra) = (lacking(own, expected), lacking(expected, own));
        self.rows.push(Row { text, with, expected: expected.len(), missing, extra });
    }

    /// Prints what was compared; fails if anything differs.
    pub fn report(&self) -> ExitCode {
        println!("### Agreement\n\n| text | with | its findings | missing | extra |\n|---|---|---|---|---|");
        for Row { text, with, expected, missing, extra } in &self.rows {
            println!("| {text} | {with} | {expected} | {missing} | {extra} |");
        }
        println!();
        if self.rows.iter().all(|row| row.missing == 0 && row.extra == 0) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
