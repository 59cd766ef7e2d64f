//! Rules that find nothing without a context word, in whole texts: they are tried only around their words.
//!
//! Numbers are frequent, words beside which a number means something are not. A word opens a *zone*: the starts of all
//! matches that it could count for. Where a match begins depends on the matches before it (the cursor), so a zone is widened
//! to a place that no match of the rule can straddle.

use super::context::{Hit, Words};
use super::gate::RunOf;
use super::simd::BLOCK;
use super::sweep::Sweep;
use super::tables::{Bound, END, FOLLOWERS, Gates, MAX_RUN, Number, Sign, follower};
use std::ops::Range;

/// How far from a context word a bound rule can have its sign: of many rules that want a word most have none near.
#[derive(Debug, Clone, Copy)]
struct Reach {
    sign: usize,
    /// Bytes before the word's beginning, and behind its end.
    before: usize,
    after: usize,
}

/// Kinds of signs, indices of [`Near`]: digits, and runs by [`RunOf`].
const DIGITS: usize = 0;
const SIGNS: usize = 3;

const fn sign_of(of: RunOf) -> usize {
    1 + of as usize
}

/// The reach of every rule that is bound, by index.
#[derive(Debug, Default)]
pub(super) struct Reaches {
    rules: Vec<Option<Reach>>,
    /// The greatest of digits, before a word's beginning and behind its end.
    digits: (usize, usize),
}

impl Reaches {
    pub fn new(gates: &Gates, words: &Words) -> Reaches {
        let reach = |(rule, bound): (usize, &Option<Bound>)| {
            let Bound { sign, longest, .. } = bound.as_ref()?;
            let within = words.within(rule);
            let (sign, most) = match sign {
                Sign::Number { number, .. } => (DIGITS, usize::from(number.most)),
                Sign::Run { of, .. } => (sign_of(*of), 0),
            };
            Some(Reach { sign, before: within + longest, after: within + 1 + most })
        };
        let rules: Vec<Option<Reach>> = gates.bound.iter().enumerate().map(reach).collect();
        let digits = || rules.iter().flatten().filter(|reach| reach.sign == DIGITS);
        let most = |far: fn(&Reach) -> usize| digits().map(far).max().unwrap_or(0);
        Reaches { digits: (most(|reach| reach.before), most(|reach| reach.after)), rules }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        size_of_val(self.rules.as_slice())
    }
}

/// Where the nearest signs stand, in bytes from a word's beginning: the end of the last before it, the beginning of the
/// next.
struct Near {
    before: [usize; SIGNS],
    after: [usize; SIGNS],
}

impl Near {
    fn admits(&self, reach: &Reach, word: usize) -> bool {
        self.before[reach.sign] <= reach.before || self.after[reach.sign] <= word + reach.after
    }
}

impl Sweep<'_> {
    /// Tries every active bound rule around its words, which are in `scratch.words`.
    pub fn bound(&mut self) {
        let words = std::mem::take(&mut self.scratch.words);
        let (engine, gates) = (self.engine, self.gates);
        for hit in &words {
            if self.scratch.over_budget() {
                // The next words may lie nearer to what was not tried than any text before them.
                let before = hit.start.saturating_sub(engine.words.reach());
                self.reached.lower(before, before);
                break;
            }
            let near = self.near(*hit);
            for rule in engine.words.users(*hit) {
                if let Some(reach) = &engine.reaches.rules[*rule as usize]
                    && near.admits(reach, hit.end - hit.start)
                    && self.active.contains(*rule as usize)
                    && let Some(bound) = &gates.bound[*rule as usize]
                {
                    self.zone(*rule, bound, *hit);
                }
            }
        }
        self.scratch.words = words;
    }

    /// What stands near a word.
    fn near(&self, hit: Hit) -> Near {
        let (before, after) = self.engine.reaches.digits;
        let mut near = Near { before: [usize::MAX; SIGNS], after: [usize::MAX; SIGNS] };
        if let Some(last) = self.last_digit(hit.start.saturating_sub(before), hit.start) {
            near.before[DIGITS] = hit.start - last;
        }
        if let Some(next) = self.next_digit(hit.start, hit.end + after) {
            near.after[DIGITS] = next - hit.start;
        }
        for of in [RunOf::Token, RunOf::Capitals] {
            let runs = &self.scratch.runs[of as usize];
            let next = runs.partition_point(|run| run.start < hit.start);
            if let Some(last) = next.checked_sub(1) {
                near.before[sign_of(of)] = hit.start.saturating_sub(runs[last].end);
            }
            if let Some(next) = runs.get(next) {
                near.after[sign_of(of)] = next.start - hit.start;
            }
        }
        near
    }

    fn zone(&mut self, rule: u32, bound: &Bound, hit: Hit) {
        let within = self.engine.words.within(rule as usize);
        let until = (hit.end + within + 1).min(self.bytes.len());
        let done = self.scratch.zones.of(rule);
        if until <= done {
            return;
        }
        let first = hit.start.saturating_sub(within + bound.longest);
        let first = if first <= done { done } else { self.not_straddled(bound, done, first) };
        self.scratch.zones.raise(rule, until);
        match &bound.sign {
            Sign::Number { number, whole, lists } => self.numbers(number, *whole, lists.as_slice(), first..until),
            Sign::Run { of, least } => self.runs(rule, *of, *least, first..until),
        }
    }

    /// A place from `done` to `first` that no match of the rule straddles: behind a byte that none holds, or where the first
    /// digit of one would have to stand and there is none.
    fn not_straddled(&self, bound: &Bound, done: usize, first: usize) -> usize {
        let most = match &bound.sign {
            Sign::Number { number, .. } => Some(usize::from(number.most)),
            Sign::Run { .. } => None,
        };
        let ahead = self.bytes[first..].iter().take(most.unwrap_or(0));
        let mut without_digit = ahead.take_while(|byte| !byte.is_ascii_digit()).count();
        for at in (done..first).rev() {
            let byte = self.bytes[at];
            if !bound.bytes.contains(byte) {
                return at + 1;
            }
            without_digit = if byte.is_ascii_digit() { 0 } else { without_digit + 1 };
            if most.is_some_and(|most| without_digit >= bound.longest + most) {
                return at + bound.longest;
            }
        }
        done
    }

    /// Tries a rule at the numbers with which its matches that begin in `zone` can begin.
    fn numbers(&mut self, number: &Number, whole: bool, lists: &[u64], zone: Range<usize>) {
        let (least, most) = (usize::from(number.least), usize::from(number.most));
        let mut at = zone.start + least;
        while let Some((begin, end)) = self.next_run(at, zone.end + most) {
            let starts = if whole { begin..begin + 1 } else { begin..end };
            for digit in starts {
                let run = end - digit;
                let list = run.min(MAX_RUN) * FOLLOWERS + self.bytes.get(end).map_or(END, |b| follower(*b));
                let digits = usize::from(number.digits);
                if lists[list / 64] >> (list % 64) & 1 == 0
                    || (digits > run && digits > self.digits_in_row(digit, run, number.gaps))
                    || (whole && digit > 0 && self.bytes[digit - 1].is_ascii_digit())
                    || self.refused(number.rule, digit)
                {
                    continue;
                }
                let before = self.standing_before(digit, (digit - zone.start).min(most), &number.before);
                for start in (digit - before..=digit - least.min(before)).filter(|start| *start < zone.end) {
                    self.attempt(number.rule, start);
                }
            }
            at = end;
        }
    }

    /// The first digit from `at` on and before `until`.
    fn next_digit(&self, at: usize, until: usize) -> Option<usize> {
        let digits = &self.scratch.digits;
        let mut block = at / BLOCK;
        let mut mask = digits.get(block)? & (u64::MAX << (at % BLOCK));
        while mask == 0 {
            block += 1;
            mask = *digits.get(block).filter(|_| block * BLOCK < until)?;
        }
        let digit = block * BLOCK + mask.trailing_zeros() as usize;
        (digit < until).then_some(digit)
    }

    /// The last digit from `from` on and before `until`.
    fn last_digit(&self, from: usize, until: usize) -> Option<usize> {
        let digits = &self.scratch.digits;
        let last = until.checked_sub(1)?;
        let mut block = last / BLOCK;
        let mut mask = digits.get(block)? & (u64::MAX >> (BLOCK - 1 - last % BLOCK));
        while mask == 0 {
            block = block.checked_sub(1).filter(|block| from < (block + 1) * BLOCK)?;
            mask = digits[block];
        }
        let digit = block * BLOCK + BLOCK - 1 - mask.leading_zeros() as usize;
        (digit >= from).then_some(digit)
    }

    /// The first run of digits that ends after `at` and begins before `until`; its first part if it begins before `at`.
    fn next_run(&self, at: usize, until: usize) -> Option<(usize, usize)> {
        let begin = self.next_digit(at, until)?;
        let length = self.bytes[begin..].iter().take_while(|b| b.is_ascii_digit()).count();
        Some((begin, begin + length))
    }

    /// Tries a rule in the long runs that reach into `zone`.
    fn runs(&mut self, rule: u32, of: RunOf, least: usize, zone: Range<usize>) {
        let mut at = zone.start;
        while at < zone.end {
            let length = self.bytes[at..].iter().take_while(|b| of.contains(**b)).count();
            if length >= least {
                for start in (at..=at + length - least).take_while(|start| *start < zone.end) {
                    self.attempt(rule, start);
                }
            }
            at += length + 1;
        }
    }
}
