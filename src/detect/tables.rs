//! The gates of all rules, laid out as tables for the sweep.

use super::bundle::Bundle;
use super::disguise::spelled;
use super::gate::{ByteSet, Gate, RunOf, fold};
use super::machine::{Machine, Step};
use super::pattern::MAX_WIDTH;
use std::collections::BTreeMap;
use std::ops::Range;

/// 2^17 bits are 16 KiB, half a first-level cache; 10,000 grams set 8 % of them.
pub(super) const GRAM_BITS: u32 = 17;

pub(super) const DIGIT: u8 = 1;
pub(super) const MARKED: u8 = 2;
pub(super) const TOKEN: u8 = 4;
pub(super) const CAPITAL: u8 = 8;

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
}

/// A rule tried at a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Number {
    /// First, so that lists sorted by it can be left early.
    pub digits: u16,
    pub rule: u32,
    pub least: u8,
    pub most: u8,
    pub before: ByteSet,
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
    pub kinds: [u8; 256],
    pub bits: Box<[u64; 1 << (GRAM_BITS - 6)]>,
    /// Open addressing; a list number plus one, or zero.
    pub slots: Vec<(u32, u32)>,
    pub grams: Lists<Around>,
    pub marked: Lists<Around>,
    pub numbers: Numbers,
    pub runs: [Vec<(u32, u16)>; 2],
    /// By first byte: rules that may be under way before their gate has been seen, with the number of bytes within which it
    /// would have been; longest first.
    pub early: Lists<(u16, u32)>,
}

/// What is tried at numbers: a bundle of most rules, and the few that are too large for it.
pub(super) struct Numbers {
    pub bundle: Bundle,
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
}

impl Numbers {
    const LISTS: usize = (MAX_RUN + 1) * FOLLOWERS;
    pub const NONE: u16 = u16::MAX;

    fn new(rules: &[(u32, Option<&Machine>, &Machine, &Gate)]) -> Numbers {
        let mut numbers = Numbers {
            bundle: Bundle::new(rules.iter().filter_map(|(rule, full, ..)| full.map(|machine| (*rule, machine)))),
            most_before: 0,
            most_digits: 0,
            before: ByteSet::default(),
            fewest: vec![Self::NONE; Self::LISTS],
            fewest_inside: vec![Self::NONE; Self::LISTS],
            large: Lists::default(),
            large_inside: Lists::default(),
            every_large: Vec::new(),
            every_large_inside: Vec::new(),
        };
        let mut large: Vec<Vec<Number>> = vec![Vec::new(); Self::LISTS];
        let mut large_inside = large.clone();
        for (rule, full, machine, gate) in rules {
            let Gate::Digits { offset, before, digits, whole } = gate else { continue };
            numbers.most_digits = numbers.most_digits.max(*digits);
            let digits = *digits as u16;
            let (least, most) = (*offset.start() as u8, *offset.end() as u8);
            let number = Number { rule: *rule, digits, least, most, before: *before };
            if full.is_some() {
                numbers.most_before = numbers.most_before.max(*offset.end());
                numbers.before.extend(before);
            } else {
                numbers.every_large.push(number);
                numbers.every_large_inside.extend((!whole).then_some(number));
            }
            for list in shapes(machine, *offset.end()) {
                if full.is_some() {
                    numbers.fewest[list] = numbers.fewest[list].min(digits);
                    if !whole {
                        numbers.fewest_inside[list] = numbers.fewest_inside[list].min(digits);
                    }
                } else {
                    large[list].push(number);
                    large_inside[list].extend((!whole).then_some(number));
                }
            }
        }
        large.iter_mut().chain(&mut large_inside).for_each(|list| list.sort_unstable());
        numbers.large = Lists::new(large);
        numbers.large_inside = Lists::new(large_inside);
        numbers
    }
}

fn slot_of(gram: u32, slots: usize) -> usize {
    (gram.wrapping_mul(0x85EB_CA6B) >> 7) as usize & (slots - 1)
}

pub(super) fn bit_of(gram: u32) -> usize {
    (fold(gram).wrapping_mul(0x9E37_79B1) >> (32 - GRAM_BITS)) as usize
}

impl Gates {
    /// Of each rule: its machine if it is fully built, a machine that matches wherever it does, and its gates.
    pub fn new<'g>(rules: impl Iterator<Item = (u32, Option<&'g Machine>, &'g Machine, &'g [Gate])>) -> Gates {
        let mut kinds = [0u8; 256];
        for byte in 0..=255u8 {
            let kind = &mut kinds[usize::from(byte)];
            *kind |= if byte.is_ascii_digit() { DIGIT } else { 0 };
            *kind |= if RunOf::Token.contains(byte) { TOKEN } else { 0 };
            *kind |= if RunOf::Capitals.contains(byte) { CAPITAL } else { 0 };
        }
        let mut grams: BTreeMap<u32, Vec<Around>> = BTreeMap::new();
        let mut marked: Vec<Vec<Around>> = vec![Vec::new(); 256];
        let mut numbers = Vec::new();
        let mut runs = [Vec::new(), Vec::new()];
        let mut early: Vec<Vec<(u16, u32)>> = vec![Vec::new(); 256];
        for (rule, full, machine, gates) in rules {
            for gate in gates {
                let reach = match gate {
                    Gate::Prefix { grams: own } => {
                        for gram in own {
                            grams.entry(*gram).or_default().push(Around { rule, least: 0, most: 0, before: None });
                        }
                        4
                    }
                    Gate::Word { grams: own, offset, .. } => {
                        let around =
                            Around { rule, least: *offset.start() as u16, most: *offset.end() as u16, before: None };
                        for gram in own {
                            grams.entry(*gram).or_default().push(around);
                        }
                        offset.end() + 4
                    }
                    Gate::Byte { byte, offset, before } => {
                        kinds[usize::from(*byte)] |= MARKED;
                        marked[usize::from(*byte)].push(Around {
                            rule,
                            least: *offset.start() as u16,
                            most: *offset.end() as u16,
                            before: Some(*before),
                        });
                        offset.end() + 1
                    }
                    Gate::Digits { offset, .. } => {
                        numbers.push((rule, full, machine, gate));
                        offset.end() + 1
                    }
                    Gate::Run { of, least } => {
                        runs[*of as usize].push((rule, *least as u16));
                        *least
                    }
                };
                let starts = machine.all_starts();
                for byte in 0..=255u8 {
                    if starts.iter().any(|s| machine.next(*s, byte).possible()) {
                        early[usize::from(byte)].push((reach as u16, rule));
                    }
                }
            }
        }
        for gram in spelled::grams() {
            let sign = Around { rule: NUMBER_WORD, least: 0, most: 0, before: None };
            grams.entry(fold(gram)).or_default().push(sign);
        }
        early.iter_mut().for_each(|l| l.sort_unstable_by_key(|(reach, rule)| (std::cmp::Reverse(*reach), *rule)));
        let mut bits = Box::new([0u64; 1 << (GRAM_BITS - 6)]);
        let mut slots = vec![(0, 0); (grams.len() * 2).next_power_of_two().max(2)];
        for (list, gram) in grams.keys().enumerate() {
            let bit = bit_of(*gram);
            bits[bit >> 6] |= 1 << (bit & 63);
            let mut slot = slot_of(*gram, slots.len());
            while slots[slot].1 != 0 {
                slot = (slot + 1) & (slots.len() - 1);
            }
            slots[slot] = (*gram, list as u32 + 1);
        }
        Gates {
            kinds,
            bits,
            slots,
            grams: Lists::new(grams.into_values().collect()),
            marked: Lists::new(marked),
            numbers: Numbers::new(&numbers),
            runs,
            early: Lists::new(early),
        }
    }

    pub fn list_of(&self, gram: u32) -> Option<usize> {
        let mut slot = slot_of(gram, self.slots.len());
        loop {
            match self.slots[slot] {
                (_, 0) => return None,
                (g, list) if g == gram => return Some(list as usize - 1),
                _ => slot = (slot + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        size_of::<Self>()
            + self.bits.len() * 8
            + self.slots.len() * 8
            + self.grams.memory()
            + self.marked.memory()
            + self.numbers.large.memory()
            + self.numbers.large_inside.memory()
            + self.early.memory()
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
