//! Aho-Corasick over literals that must stand in each match: the first bytes of the pattern, or of a later part of it, written
//! out as far as that stays small. Which part is chosen by how often its literals stand in a sample of the texts.

use super::expression::Expression;
use super::{Peer, Place};
use aho_corasick::AhoCorasick;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::HashMap;

/// Literals of one pattern.
const MOST: usize = 2000;
/// Bytes of a literal.
const LONGEST: usize = 6;

/// Literals of which one stands in each match, at `before` bytes from where it begins.
struct Sign {
    literals: Vec<Vec<u8>>,
    before: (usize, usize),
}

pub struct Literals {
    automaton: AhoCorasick,
    /// For each literal: rules, and how far before it their matches begin.
    behind: Vec<Vec<(u32, usize, usize)>>,
}

impl Literals {
    pub fn new(expressions: &[Expression], sample: &str) -> Self {
        let mut share = [1.0 / sample.len() as f64; 256];
        sample.bytes().for_each(|b| share[usize::from(b)] += 1.0 / sample.len() as f64);
        let mut numbers: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut behind: Vec<Vec<_>> = Vec::new();
        for expression in expressions {
            let mut signs = Vec::new();
            find(&expression.hir, &share, &mut signs);
            for Sign { literals, before } in signs {
                for literal in literals {
                    let new = numbers.len();
                    let number = *numbers.entry(literal).or_insert(new);
                    behind.resize_with(numbers.len(), Vec::new);
                    behind[number].push((expression.rule, before.0, before.1));
                }
            }
        }
        behind.iter_mut().for_each(|rules| {
            rules.sort_unstable();
            rules.dedup();
        });
        let mut literals: Vec<(Vec<u8>, usize)> = numbers.into_iter().collect();
        literals.sort_unstable_by_key(|(_, number)| *number);
        let automaton = AhoCorasick::new(literals.iter().map(|(literal, _)| literal)).expect("literals fit");
        Self { automaton, behind }
    }
}

/// The rarest sign of an expression; of an alternation one for each branch if it has none itself.
fn find(hir: &Hir, share: &[f64; 256], out: &mut Vec<Sign>) {
    let parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    let (mut best, mut before) = (None, (0, 0));
    for (at, part) in parts.iter().enumerate() {
        let rest = Hir::concat(parts[at..].to_vec());
        if let Some(literals) = literals(&rest) {
            let chance = |literal: &Vec<u8>| literal.iter().map(|b| share[usize::from(*b)]).product::<f64>();
            let cost = literals.iter().map(chance).sum::<f64>() * (before.1 - before.0 + 1) as f64;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, Sign { literals, before }));
            }
        }
        let width = part.properties();
        before.0 += width.minimum_len().expect("patterns are bounded");
        before.1 += width.maximum_len().expect("patterns are bounded");
    }
    match (best, hir.kind()) {
        (Some((_, sign)), _) => out.push(sign),
        (None, HirKind::Alternation(branches)) => branches.iter().for_each(|branch| find(branch, share, out)),
        (None, _) => out.push(Sign { literals: (0..=255).map(|b| vec![b]).collect(), before: (0, 0) }),
    }
}

fn literals(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(80).limit_repeat(8).limit_literal_len(LONGEST).limit_total(MOST);
    let sequence = extractor.extract(hir);
    let literals: Vec<Vec<u8>> = sequence.literals()?.iter().map(|literal| literal.as_bytes().to_vec()).collect();
    (!literals.is_empty() && literals.iter().all(|literal| !literal.is_empty())).then_some(literals)
}

impl Peer for Literals {
    fn name(&self) -> &'static str {
        "Aho-Corasick"
    }

    fn memory(&self) -> Option<usize> {
        Some(
            self.automaton.memory_usage()
                + self.behind.iter().map(|rules| size_of_val(rules.as_slice())).sum::<usize>(),
        )
    }

    fn places(&mut self, text: &str, out: &mut Vec<Place>) {
        for found in self.automaton.find_overlapping_iter(text) {
            for (rule, least, most) in &self.behind[found.pattern().as_usize()] {
                if let Some(last) = found.start().checked_sub(*least) {
                    out.push((*rule, found.start().saturating_sub(*most)..last + 1));
                }
            }
        }
    }
}
