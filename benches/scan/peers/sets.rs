//! `regex::RegexSet` tells which expressions match somewhere; each of those is then looked for by itself.

use super::expression::Expression;
use super::{Peer, Place};
use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

/// Memory for the states that texts visit. With the crate's default of 2 MiB the set falls back to a slow engine.
const CACHE: usize = 256 << 20;

pub struct Sets {
    set: RegexSet,
    alone: Vec<(u32, Regex)>,
}

impl Sets {
    pub fn new(expressions: Vec<Expression>) -> Self {
        let texts: Vec<String> = expressions.iter().map(Expression::text).collect();
        let set =
            RegexSetBuilder::new(&texts).unicode(false).dfa_size_limit(CACHE).size_limit(CACHE).build().expect("a set");
        let alone = expressions.iter().zip(&texts).map(|(expression, text)| {
            (expression.rule, RegexBuilder::new(text).unicode(false).build().expect("an expression of the set"))
        });
        Self { set, alone: alone.collect() }
    }
}

impl Peer for Sets {
    fn name(&self) -> &'static str {
        "RegexSet"
    }

    fn memory(&self) -> Option<usize> {
        None
    }

    fn places(&mut self, text: &str, out: &mut Vec<Place>) {
        for index in self.set.matches(text.as_bytes()) {
            let (rule, regex) = &self.alone[index];
            let mut from = 0;
            while let Some(found) = regex.find_at(text.as_bytes(), from) {
                out.push((*rule, found.start()..found.start() + 1));
                from = found.start() + 1;
            }
        }
    }
}
