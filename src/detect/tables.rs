//! The gates of all rules, laid out as tables for the sweep.

use super::behind::{Behind, Signs};
use super::bundle::Bundle;
use super::disguise::spelled;
use super::gate::{ByteSet, Gaps, Gate, RunOf, fold};
use super::machine::{Before, Machine, Step};
use super::pattern::MAX_WIDTH;
use super::simd::{Beginnings, Kinds};
use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

/// Most bits of a gram's hash: 2^17 bits are 16 KiB, half a first-level cache; 10,000 grams set 8 % of them.
pub(super) const GRAM_BITS: u32 = 17;

/// Runs of digits longer than this share a list.
pub(super) const MAX_RUN: usize = 40;
/// Kinds of bytes after a run of digits; the last is the end of the text.
pub(super) const FOLLOWERS: usize = 15;
pub(super) const END: usize = FOLLOWERS - 1;

pub(super) fn follower(byte: u8) -> usize {
    match byte {
        b' ' => 0,
        b'-' => 1,
        b'/' => 2,
        b'.' => 3,
        b',' => 4,
        b':' => 5,
        b'A'..=b'Z' => 6,
        b'a'..=b'z' => 7,
        b'_' => 8,
        b'\t' | b'\n' | b'\r' => 9,
        b'(' | b')' => 10,
        0x80..=0xFF => 11,
        b'"' | b'\'' | b'<' => 12,
        _ => 13,
    }
}

/// In place of a rule: the gram is a sign of number words.
pub(super) const NUMBER_WORD: u32 = u32::MAX;

/// A rule tried around a gram or marked byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    pub rule: u32,
    pub least: u16,
    pub most: u16,
    pub before: Option<ByteSet>,
    /// The bits of a gram that a rule with an eye on the case wants, and which they are to be.
    pub case: (u32, u32),
    pub behind: Behind,
}

impl Around {
    fn at_start(rule: u32) -> Around {
        Around { rule, least: 0, most: 0, before: None, case: (0, 0), behind: Behind::ANYTHING }
    }

    fn at(rule: u32, offset: &RangeInclusive<usize>, behind: Behind) -> Around {
        Around { least: *offset.start() as u16, most: *offset.end() as u16, behind, ..Around::at_start(rule) }
    }
}

/// A rule tried at a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Number {
    /// First, so that lists sorted by it can be left early.
    pub digits: u16,
    pub rule: u32,
    pub gaps: Gaps,
    pub least: u8,
    pub most: u8,
    pub before: ByteSet,
    /// Digits with which a match can begin, one bit each.
    pub first: u16,
}

/// Lists in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Lists<T> {
    pub items: Vec<T>,
    pub ends: Vec<u32>,
}

impl<T> Lists<T> {
    fn new(lists: Vec<Vec<T>>) -> Self {
        let (mut items, mut ends) = (Vec::new(), Vec::with_capacity(lists.len()));
        for list in lists {
            items.extend(list);
            ends.push(items.len() as u32);
        }
        Self { items, ends }
    }
    pub fn range(&self, list: usize) -> Range<usize> {
        let start = if list == 0 { 0 } else { self.ends[list - 1] as usize };
        start..self.ends[list] as usize
    }
    fn memory(&self) -> usize {
        self.items.len() * size_of::<T>() + self.ends.len() * 4
    }
}

/// The gates of all rules, laid out for the sweep.
pub(super) struct Gates {
    /// Marked bytes are the first own set, signs of context words the second.
    pub kinds: Kinds,
    /// Grams that begin where a word of ASCII letters and digits does.
    pub at_words: Grams,
    /// Grams that may stand anywhere, and where to look for them.
    pub anywhere: Grams,
    pub beginnings: Beginnings,
    pub marked: Lists<Around>,
    /// By rule: the bytes with which a match can begin, by what stands before it.
    pub begins: Vec<[ByteSet; 4]>,
    /// Every rule found by its digits or by a run.
    pub all: Shapes,
    /// Those of them that need no context word.
    pub free: Shapes,
    /// The others, by rule.
    pub bound: Vec<Option<Bound>>,
    /// By what stands before and the first byte: rules that may be under way before their gate has been seen, with the number
    /// of bytes within which it would have been; longest first.
    pub early: Lists<(u16, u32)>,
}

/// Rules found by their digits or by a run.
pub(super) struct Shapes {
    pub numbers: Numbers,
    /// By [`RunOf`]: rule and least length.
    pub runs: [Vec<(u32, u16)>; 2],
}

impl Shapes {
    fn new(rules: &[&ShapeRule], bundled: bool) -> Shapes {
        let mut runs = [Vec::new(), Vec::new()];
        for rule in rules {
            if let Gate::Run { of, least } = rule.gate {
                runs[*of as usize].push((rule.rule, *least as u16));
            }
        }
        Shapes { numbers: Numbers::new(rules, bundled), runs }
    }
}

/// A rule found by its digits or by a run, with one of its gates.
struct ShapeRule<'g> {
    rule: u32,
    full: Option<&'g Machine>,
    machine: &'g Machine,
    gate: &'g Gate,
    /// Of a gate of digits, see [`shapes`].
    lists: Vec<usize>,
}

impl<'g> ShapeRule<'g> {
    /// Its machine, if it goes into a bundle of numbers.
    fn in_bundle(&self, bundled: bool) -> Option<&'g Machine> {
        self.full.filter(|_| bundled && matches!(self.gate, Gate::Digits { .. }))
    }
}

/// A rule that finds nothing without a context word: it is tried only around its words.
pub(super) struct Bound {
    pub sign: Sign,
    /// Every byte that a match can hold.
    pub bytes: ByteSet,
    /// No match is longer.
    pub longest: usize,
}

/// What a bound rule is found by.
pub(super) enum Sign {
    Number {
        number: Number,
        whole: bool,
        /// The lists it belongs to, one bit each.
        lists: Box<[u64; Numbers::LISTS.div_ceil(64)]>,
    },
    Run {
        of: RunOf,
        least: usize,
    },
}

/// Grams, with the rules tried around each.
pub(super) struct Grams {
    /// A bit for each hash of so many bits; about one in sixteen is set.
    bits: Box<[u64]>,
    hash: u32,
    /// Open addressing; a list number plus one, or zero.
    slots: Vec<(u32, u32)>,
    pub rules: Lists<Around>,
}

impl Grams {
    fn new(grams: BTreeMap<u32, Vec<Around>>) -> Grams {
        let hash = (grams.len() * 16).next_power_of_two().ilog2().clamp(6, GRAM_BITS);
        let mut bits = vec![0u64; 1 << (hash - 6)].into_boxed_slice();
        let mut slots = vec![(0, 0); (grams.len() * 2).next_power_of_two().max(2)];
        for (list, gram) in grams.keys().enumerate() {
            let bit = bit_of(*gram, hash);
            bits[bit >> 6] |= 1 << (bit & 63);
            let mut slot = slot_of(*gram, slots.len());
            while slots[slot].1 != 0 {
                slot = (slot + 1) & (slots.len() - 1);
            }
            slots[slot] = (*gram, list as u32 + 1);
        }
        Grams { bits, hash, slots, rules: Lists::new(grams.into_values().collect()) }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().filter(|(_, list)| *list != 0).map(|(gram, _)| *gram)
    }

    /// Whether these four bytes may be one of the grams: the cheap question asked first.
    #[inline]
    pub fn maybe(&self, gram: u32) -> bool {
        let bit = bit_of(gram, self.hash);
        self.bits[bit >> 6] >> (bit & 63) & 1 != 0
    }

    /// The list of these four bytes, if they are a gram.
    pub fn list_of(&self, gram: u32) -> Option<usize> {
        let gram = fold(gram);
        let mut slot = slot_of(gram, self.slots.len());
        loop {
            match self.slots[slot] {
                (_, 0) => return None,
                (g, list) if g == gram => return Some(list as usize - 1),
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    fn memory(&self) -> usize {
        self.bits.len() * 8 + self.slots.len() * 8 + self.rules.memory()
    }
}

/// What is tried at numbers: a bundle of most rules, and the few that are too large for it.
pub(super) struct Numbers {
    pub bundle: Bundle,
    /// The bytes with which a match of the bundle can begin, by what stands before it.
    pub begins: [ByteSet; 4],
    /// How many bytes before the first digit a match of the bundle can begin, and which.
    pub most_before: usize,
    pub before: ByteSet,
    /// No rule needs more digits.
    pub most_digits: usize,
    /// By length of the run and its follower, the fewest digits with which a rule of the bundle may match here.
    pub fewest: Vec<u16>,
    /// The same for rules that may also begin inside a run.
    pub fewest_inside: Vec<u16>,
    pub large: Lists<Number>,
    pub large_inside: Lists<Number>,
    pub every_large: Vec<Number>,
    pub every_large_inside: Vec<Number>,
    /// Whether any rule may begin inside a run.
    pub inside: bool,
}

impl Numbers {
    const LISTS: usize = (MAX_RUN + 1) * FOLLOWERS;
    pub const NONE: u16 = u16::MAX;

    fn new(rules: &[&ShapeRule], bundled: bool) -> Numbers {
        let mut numbers = Numbers {
            bundle: Bundle::new(rules.iter().filter_map(|r| r.in_bundle(bundled).map(|machine| (r.rule, machine)))),
            begins: [ByteSet::default(); 4],
            most_before: 0,
            most_digits: 0,
            before: ByteSet::default(),
            fewest: vec![Self::NONE; Self::LISTS],
            fewest_inside: vec![Self::NONE; Self::LISTS],
            large: Lists::default(),
            large_inside: Lists::default(),
            every_large: Vec::new(),
            every_large_inside: Vec::new(),
            inside: false,
        };
        let mut large: Vec<Vec<Number>> = vec![Vec::new(); Self::LISTS];
        let mut large_inside = large.clone();
        for shaped in rules {
            let ShapeRule { rule, machine, gate, lists, .. } = shaped;
            let full = shaped.in_bundle(bundled);
            let Some((number, whole)) = Number::of(*rule, machine, gate) else { continue };
            numbers.most_digits = numbers.most_digits.max(usize::from(number.digits));
            numbers.inside |= !whole;
            if let Some(machine) = full {
                numbers.most_before = numbers.most_before.max(usize::from(number.most));
                numbers.before.extend(&number.before);
                numbers.begins.iter_mut().zip(machine.begins()).for_each(|(all, own)| all.extend(&own));
            } else {
                numbers.every_large.push(number);
                numbers.every_large_inside.extend((!whole).then_some(number));
            }
            for list in lists {
                if full.is_some() {
                    numbers.fewest[*list] = numbers.fewest[*list].min(number.digits);
                    if !whole {
                        numbers.fewest_inside[*list] = numbers.fewest_inside[*list].min(number.digits);
                    }
                } else {
                    large[*list].push(number);
                    large_inside[*list].extend((!whole).then_some(number));
                }
            }
        }
        large.iter_mut().chain(&mut large_inside).for_each(|list| list.sort_unstable());
        numbers.large = Lists::new(large);
        numbers.large_inside = Lists::new(large_inside);
        numbers
    }
}

impl Number {
    /// From a gate of digits, and whether the rule never follows a digit.
    fn of(rule: u32, machine: &Machine, gate: &Gate) -> Option<(Number, bool)> {
        let Gate::Digits { offset, before, digits, gaps, whole } = gate else { return None };
        let (least, most) = (*offset.start() as u8, *offset.end() as u8);
        let begins = machine.begins();
        let can_begin = |digit: &u8| begins.iter().any(|begins| begins.contains(b'0' + digit));
        let first = (0..10).filter(can_begin).map(|digit| 1 << digit).sum();
        Some((Number { rule, digits: *digits as u16, gaps: *gaps, least, most, before: *before, first }, *whole))
    }
}

fn slot_of(gram: u32, slots: usize) -> usize {
    (gram.wrapping_mul(0x85EB_CA6B) >> 7) as usize & (slots - 1)
}

fn bit_of(gram: u32, hash: u32) -> usize {
    (fold(gram).wrapping_mul(0x9E37_79B1) >> (32 - hash)) as usize
}

/// A compiled rule, as the tables are made from.
pub(super) struct Gated<'g> {
    pub rule: u32,
    /// Its machine, if it is fully built.
    pub full: Option<&'g Machine>,
    /// A machine that matches wherever it does.
    pub machine: &'g Machine,
    pub gates: &'g [Gate],
    /// Without a context word it finds nothing.
    pub needs_context: bool,
    pub longest: usize,
}

impl Gates {
    pub fn new<'g>(rules: impl Iterator<Item = Gated<'g>>, signs: ByteSet) -> Gates {
        let mut at_words: BTreeMap<u32, Vec<Around>> = BTreeMap::new();
        let mut anywhere = at_words.clone();
        let mut marked: Vec<Vec<Around>> = vec![Vec::new(); 256];
        let (mut shaped, mut bound, mut all_begins) = (Vec::new(), Vec::new(), Vec::new());
        let mut early: Vec<Vec<(u16, u32)>> = vec![Vec::new(); 4 * 256];
        for Gated { rule, full, machine, gates, needs_context, longest } in rules {
            bound.push(None);
            let begins = machine.begins();
            all_begins.push(begins);
            let mut signs = Signs::new(machine);
            for gate in gates {
                let reach = match gate {
                    Gate::Prefix { grams } => {
                        // All in one table: a rule is tried in the order of the text.
                        let at_word = grams.iter().all(|gram| begins_word(*gram, &begins));
                        let table = if at_word { &mut at_words } else { &mut anywhere };
                        for gram in grams {
                            let (case, behind) = signs.gram(*gram);
                            table.entry(*gram).or_default().push(Around { case, behind, ..Around::at_start(rule) });
                        }
                        4
                    }
                    Gate::Word { grams, words, offset } => {
                        for gram in grams {
                            let begun = words.iter().filter(|word| begins_with(word, *gram));
                            let behind = Behind::words(begun.map(|word| word.get(4..).unwrap_or_default()));
                            anywhere.entry(*gram).or_default().push(Around::at(rule, offset, behind));
                        }
                        offset.end() + 4
                    }
                    Gate::Byte { byte, offset, before } => {
                        let around = Around::at(rule, offset, signs.byte(*byte));
                        marked[usize::from(*byte)].push(Around { before: Some(*before), ..around });
                        offset.end() + 1
                    }
                    Gate::Digits { offset, .. } => {
                        shaped.push(ShapeRule { rule, full, machine, gate, lists: shapes(machine, *offset.end()) });
                        offset.end() + 1
                    }
                    Gate::Run { least, .. } => {
                        shaped.push(ShapeRule { rule, full, machine, gate, lists: Vec::new() });
                        *least
                    }
                };
                for (before, bytes) in begins.iter().enumerate() {
                    for byte in (0..=255).filter(|byte| bytes.contains(*byte)) {
                        early[before * 256 + usize::from(byte)].push((reach as u16, rule));
                    }
                }
                if let (true, [_]) = (needs_context, gates)
                    && let Some(sign) = shaped.last().filter(|s| s.rule == rule).and_then(Sign::of)
                {
                    bound[rule as usize] = Some(Bound { sign, bytes: machine.bytes(), longest });
                }
            }
        }
        for gram in spelled::grams() {
            let table = if gram.to_le_bytes()[0].is_ascii() { &mut at_words } else { &mut anywhere };
            table.entry(fold(gram)).or_default().push(Around::at_start(NUMBER_WORD));
        }
        early.iter_mut().for_each(|l| l.sort_unstable_by_key(|(reach, rule)| (std::cmp::Reverse(*reach), *rule)));
        let marks = ByteSet::of((0..=255).filter(|byte| !marked[usize::from(*byte)].is_empty()));
        let mut beginnings: Vec<[u8; 4]> = anywhere.keys().map(|gram| gram.to_le_bytes()).collect();
        beginnings.sort_unstable();
        let every: Vec<&ShapeRule> = shaped.iter().collect();
        let free: Vec<&ShapeRule> = every.iter().filter(|s| bound[s.rule as usize].is_none()).copied().collect();
        Gates {
            kinds: Kinds::new(marks, signs),
            beginnings: Beginnings::new(&beginnings),
            at_words: Grams::new(at_words),
            anywhere: Grams::new(anywhere),
            marked: Lists::new(marked),
            begins: all_begins,
            all: Shapes::new(&every, true),
            free: Shapes::new(&free, false),
            bound,
            early: Lists::new(early),
        }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.at_words.memory()
            + self.anywhere.memory()
            + self.marked.memory()
            + [&self.all, &self.free]
                .map(|s| s.numbers.large.memory() + s.numbers.large_inside.memory())
                .iter()
                .sum::<usize>()
            + self.bound.iter().flatten().map(|_| size_of::<Bound>() + Numbers::LISTS.div_ceil(8)).sum::<usize>()
            + self.begins.len() * size_of::<[ByteSet; 4]>()
            + self.early.memory()
    }
}

/// Whether a word begins with this gram; of a shorter one it holds a byte more.
fn begins_with(word: &[u8], gram: u32) -> bool {
    word.iter().zip(fold(gram).to_le_bytes()).all(|(own, of_gram)| own | 0x20 == of_gram)
}

/// Whether this gram of a rule can only stand where a word of ASCII letters and digits begins.
fn begins_word(gram: u32, begins: &[ByteSet; 4]) -> bool {
    let first = gram as u8;
    [first, first & !0x20].into_iter().all(|byte| {
        if byte.is_ascii_alphanumeric() {
            !begins[Before::WordByte as usize].contains(byte)
        } else {
            begins.iter().all(|begins| !begins.contains(byte))
        }
    })
}

impl Sign {
    fn of(shaped: &ShapeRule) -> Option<Sign> {
        match shaped.gate {
            Gate::Run { of, least } => Some(Sign::Run { of: *of, least: *least }),
            gate => Number::of(shaped.rule, shaped.machine, gate).map(|(number, whole)| {
                let mut lists = Box::new([0; Numbers::LISTS.div_ceil(64)]);
                shaped.lists.iter().for_each(|list| lists[list / 64] |= 1 << (list % 64));
                Sign::Number { number, whole, lists }
            }),
        }
    }
}

/// The lists a rule belongs to: lengths of the first run of digits, and its followers, from which a match can still come.
fn shapes(machine: &Machine, most_before: usize) -> Vec<usize> {
    let alphabet = machine.alphabet(|b| if b.is_ascii_digit() { FOLLOWERS } else { follower(b) });
    let step_all = |states: &[Step], wanted: &dyn Fn(u8) -> bool| {
        let mut seen = vec![false; machine.states()];
        let mut next = Vec::new();
        for state in states {
            for byte in &alphabet {
                let step = machine.next(*state, *byte);
                if wanted(*byte) && step.alive() && !std::mem::replace(&mut seen[machine.index(step)], true) {
                    next.push(step.state());
                }
            }
        }
        next
    };
    let mut level = machine.all_starts();
    let mut before_digit = level.clone();
    for _ in 0..most_before {
        level = step_all(&level, &|b| !b.is_ascii_digit());
        before_digit.extend(&level);
    }
    let mut states = step_all(&before_digit, &|b| b.is_ascii_digit());
    let mut lists = Vec::new();
    let mut length = 1;
    while !states.is_empty() && length <= MAX_WIDTH {
        let row = length.min(MAX_RUN) * FOLLOWERS;
        for state in &states {
            if machine.ends(*state) {
                lists.push(row + END);
            }
            for byte in &alphabet {
                let step = machine.next(*state, *byte);
                if step.possible() && !byte.is_ascii_digit() {
                    lists.push(row + follower(*byte));
                } else if step.matched() {
                    // A match ends inside the run: every longer run will do.
                    for longer in length..=MAX_RUN.max(length) {
                        let row = longer.min(MAX_RUN) * FOLLOWERS;
                        lists.extend(row..row + FOLLOWERS);
                    }
                }
            }
        }
        states = step_all(&states, &|b| b.is_ascii_digit());
        length += 1;
    }
    lists.sort_unstable();
    lists.dedup();
    lists
}
