//! How well the shipped rules find what they are for: generated values in sentences of the country's languages, in JSON, CSV,
//! tables and forms, beside the words that name them and alone, with all packs on.
//!
//! `cargo test --test it quality -- --nocapture` prints the rules that miss anything.

mod carriers;
pub mod values;

use crate::packs::SHIPPED;
use crate::random::Random;
use portcullis::detect::rank::{Origin, Rank};
use portcullis::detect::{Engine, Finding, RuleSet, Scratch};
use portcullis::pack::Rule;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use values::{Maker, Value};

/// Texts of each kind for one rule.
const BESIDE: usize = 40;
const ALONE: usize = 15;
const NEAR: usize = 15;

/// Of so many texts so many were found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    pub found: usize,
    pub of: usize,
}

impl Share {
    pub fn count(&mut self, found: bool) {
        self.of += 1;
        self.found += usize::from(found);
    }

    pub fn add(&mut self, other: Share) {
        self.of += other.of;
        self.found += other.found;
    }

    pub fn rate(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.found as f64 / self.of as f64 }
    }
}

/// What was measured of one rule.
#[derive(Debug, Clone, Default)]
pub struct Quality {
    /// Values beside a word of the rule's context, found by this rule.
    pub beside: Share,
    /// Values that nothing names, for rules that find them so.
    pub alone: Share,
    /// Of those found beside a word, the ones that this rule names, or one of the same category, where several rules found them.
    pub named: Share,
    /// Values of the right shape with wrong check digits, beside a context word, found by this rule nonetheless.
    pub near: Share,
    /// Patterns that write their digits in groups which the validator does not take.
    dead: Vec<String>,
    /// Texts that were missed, or found though wrong.
    missed: Vec<String>,
}

/// Every shipped rule that patterns describe, by id.
pub static MEASURED: LazyLock<BTreeMap<String, Quality>> = LazyLock::new(|| {
    let engine = &SHIPPED.1;
    let all = engine.all();
    let mut scratch = Scratch::default();
    let rules = engine.rules().iter().enumerate();
    rules.filter_map(|(at, rule)| Some((rule.id.clone(), measure(engine, &all, &mut scratch, at, rule)?))).collect()
});

fn measure(engine: &Engine, all: &RuleSet, scratch: &mut Scratch, at: usize, rule: &Rule) -> Option<Quality> {
    let maker = Maker::new(rule)?;
    let seed =
        rule.id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let mut random = Random(seed | 1);
    maker.valid(0, &mut random)?;
    let words: Vec<&str> = rule.context.iter().flat_map(|c| c.words.iter().map(String::as_str)).collect();
    let dead = rule.patterns.iter().enumerate().filter(|(turn, _)| maker.refuses_groups(*turn, &mut random));
    let mut quality = Quality { dead: dead.map(|(_, pattern)| pattern.clone()).collect(), ..Quality::default() };
    let mut tell = |carrier: &str, word: &str, value: &Value| {
        let (text, start) = carriers::filled(carrier, word, &value.text);
        let span = start + value.value.start..start + value.value.end;
        let mut found: Vec<Finding> = Vec::new();
        engine.scan(&text, all, scratch, &mut found);
        let over = |f: &&Finding| f.span.start <= span.start && span.end <= f.span.end;
        let origin = Origin::of(None, &text);
        let likeliest =
            found.iter().filter(over).max_by_key(|f| Rank::of(f, &engine.rules()[f.rule as usize], &origin));
        let named = likeliest.map(|f| engine.rules()[f.rule as usize].category == rule.category);
        let named = named.filter(|_| found.iter().filter(over).any(|f| f.rule as usize == at));
        (named, text)
    };
    // What a phrase or a structure gives away is in the examples; here are numbers that need a word or a check digit.
    if !words.is_empty() && rule.ladder.pattern.is_none() {
        let sentences = carriers::sentences(rule.jurisdiction.as_deref());
        for turn in 0..BESIDE {
            let carrier =
                if turn % 2 == 0 { random.pick(&sentences) } else { carriers::FORMS[turn / 2 % carriers::FORMS.len()] };
            let Some(value) = maker.valid(turn, &mut random) else { continue };
            let (named, text) = tell(carrier, words[turn % words.len()], &value);
            quality.beside.count(named.is_some());
            match named {
                Some(named) => quality.named.count(named),
                None => quality.missed.push(text),
            }
        }
        for turn in 0..NEAR {
            let Some(value) = maker.invalid(turn, &mut random) else { break };
            let (named, text) = tell(random.pick(&sentences), words[turn % words.len()], &value);
            quality.near.count(named.is_some());
            if named.is_some() {
                quality.missed.push(format!("(wrong check digit) {text}"));
            }
        }
    }
    if rule.validator.is_some() && rule.ladder.reached(true, false).is_some() {
        for turn in 0..ALONE {
            let Some(value) = maker.valid(turn, &mut random) else { continue };
            let (named, text) = tell(carriers::ALONE[turn % carriers::ALONE.len()], "", &value);
            quality.alone.count(named.is_some());
            if named.is_none() {
                quality.missed.push(text);
            }
        }
    }
    Some(quality)
}

#[test]
fn rules_find_their_values_beside_their_words_and_leave_near_misses_alone() {
    let [mut beside, mut named, mut alone, mut near] = [Share::default(); 4];
    let (mut low, mut dead) = (Vec::new(), Vec::new());
    for (rule, quality) in &*MEASURED {
        beside.add(quality.beside);
        named.add(quality.named);
        alone.add(quality.alone);
        near.add(quality.near);
        if !quality.missed.is_empty() {
            println!(
                "{rule}: {}/{} beside, {}/{} alone, {}/{} near misses, such as",
                quality.beside.found,
                quality.beside.of,
                quality.alone.found,
                quality.alone.of,
                quality.near.found,
                quality.near.of
            );
            quality.missed.iter().take(3).for_each(|text| println!("    {text:?}"));
        }
        dead.extend(quality.dead.iter().map(|pattern| format!("{rule}: {pattern}")));
        if quality.beside.of > 0 && quality.beside.rate() < 0.9 {
            low.push(rule.as_str());
        }
    }
    let unmeasured = SHIPPED.1.rules().len() - MEASURED.len();
    println!(
        "{} rules, {unmeasured} by their examples alone; beside a word {:.4} of {}, in the right category {:.4}, alone {:.4} of {}, near misses {:.5} of {}",
        MEASURED.len(),
        beside.rate(),
        beside.of,
        named.rate(),
        alone.rate(),
        alone.of,
        near.rate(),
        near.of
    );
    assert!(beside.rate() >= 0.995, "recall beside a word {:.4}", beside.rate());
    assert!(alone.rate() >= 0.97, "recall alone {:.4}", alone.rate());
    assert!(near.rate() <= 0.001, "near misses {:.4}", near.rate());
    assert!(
        dead.is_empty(),
        "patterns that write groups which the validator never takes (`separators` or a validator that ungroups help):\n{}",
        dead.join("\n")
    );
    assert!(low.is_empty(), "rules below 0.9 beside their own words: {}", low.join(", "));
}
