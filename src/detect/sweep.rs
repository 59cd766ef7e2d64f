//! The sweep: one pass over the text that looks for every gate at once and tries a rule only where its gate opens.
//!
//! Per four bytes one table look-up each tells digits, marked bytes and long runs, and one bit of a hashed table each tells
//! whether the next four bytes may begin something. All else happens on a hit. What is found does not depend on gates (the
//! oracle proves it); they only say where not to look.

use super::gate::{MAX_DIGIT_GAP, RunOf, fold};
use super::machine::{Before, Walk};
use super::tables::{
    Around, CAPITAL, DIGIT, END, FOLLOWERS, Gates, MARKED, MAX_RUN, NUMBER_WORD, Number, Numbers, TOKEN, bit_of,
    follower,
};
use super::{Engine, RuleSet, Scratch};

/// Finds the candidates that begin at or after `from`; they are added to `scratch.candidates`, ordered per rule.
///
/// Returns the first position at which later text could still begin a candidate: the end of the text if it has `ended`.
/// Candidates at or after that position are not final and must be dropped.
pub(super) fn sweep(
    engine: &Engine,
    text: &str,
    from: usize,
    ended: bool,
    active: &RuleSet,
    scratch: &mut Scratch,
) -> usize {
    let mut sweep = Sweep {
        engine,
        gates: &engine.gates,
        text,
        bytes: text.as_bytes(),
        from,
        ended,
        active,
        scratch,
        live: text.len(),
        digits_until: from,
        runs_until: [from; 2],
    };
    sweep.pass();
    sweep.late();
    if !ended {
        sweep.early();
    }
    sweep.live
}

struct Sweep<'a> {
    engine: &'a Engine,
    gates: &'a Gates,
    text: &'a str,
    bytes: &'a [u8],
    from: usize,
    ended: bool,
    active: &'a RuleSet,
    scratch: &'a mut Scratch,
    live: usize,
    digits_until: usize,
    runs_until: [usize; 2],
}

impl Sweep<'_> {
    fn pass(&mut self) {
        let gates = self.gates;
        let bytes = self.bytes;
        let wanted_capitals = if gates.runs[RunOf::Capitals as usize].is_empty() { 0 } else { CAPITAL };
        let token_blocks = if gates.runs[RunOf::Token as usize].is_empty() { u32::MAX } else { 3 };
        let (mut tokens, mut pair) = (0u32, 0u8);
        let mut at = self.from;
        // Eight bytes give the grams of four positions.
        while let Some(block) = bytes.get(at..at + 8) {
            let block = u64::from_le_bytes(block.try_into().expect("eight bytes"));
            let mut hits = 0u64;
            let mut kinds = [0u8; 4];
            for (i, kind) in kinds.iter_mut().enumerate() {
                let gram = (block >> (8 * i)) as u32;
                let bit = bit_of(gram);
                hits |= (gates.bits[bit >> 6] >> (bit & 63) & 1) << i;
                *kind = gates.kinds[usize::from(gram as u8)];
            }
            let any = kinds[0] | kinds[1] | kinds[2] | kinds[3];
            let (first, second) = (kinds[0] & kinds[1], kinds[2] & kinds[3]);
            let (all, across) = (first & second, pair & first);
            pair = second;
            tokens = if all & TOKEN != 0 { tokens + 1 } else { 0 };
            if hits != 0 || any & (DIGIT | MARKED) != 0 {
                for i in 0..4 {
                    if hits >> i & 1 != 0 {
                        self.gram(at + i, fold((block >> (8 * i)) as u32));
                    }
                    self.byte(at + i);
                }
            }
            if (all | across) & wanted_capitals != 0 {
                self.run(at, RunOf::Capitals);
            }
            if tokens >= token_blocks {
                self.run(at, RunOf::Token);
            }
            at += 4;
        }
        // The last positions: whole grams while there are four bytes, then grams padded with spaces if the text ends here.
        let rest = at;
        for at in rest..bytes.len() {
            let mut gram = [b' '; 4];
            let left = (bytes.len() - at).min(4);
            gram[..left].copy_from_slice(&bytes[at..at + left]);
            if left == 4 || self.ended {
                let gram = u32::from_le_bytes(gram);
                let bit = bit_of(gram);
                if gates.bits[bit >> 6] >> (bit & 63) & 1 != 0 {
                    self.gram(at, fold(gram));
                }
            }
            self.byte(at);
        }
        // A run that the last whole block does not show reaches the end of the text or lies behind it.
        for of in [RunOf::Token, RunOf::Capitals] {
            if !gates.runs[of as usize].is_empty() && rest < bytes.len() {
                self.run(rest, of);
                for at in rest + 1..bytes.len() {
                    if !of.contains(bytes[at - 1]) {
                        self.run(at, of);
                    }
                }
            }
        }
    }

    fn byte(&mut self, at: usize) {
        let kind = self.gates.kinds[usize::from(self.bytes[at])];
        if kind & DIGIT != 0 {
            self.digit(at);
        }
        if kind & MARKED != 0 {
            for i in self.gates.marked.range(usize::from(self.bytes[at])) {
                self.around(at, self.gates.marked.items[i]);
            }
        }
    }

    fn gram(&mut self, at: usize, gram: u32) {
        if let Some(list) = self.gates.list_of(gram) {
            for i in self.gates.grams.range(list) {
                let around = self.gates.grams.items[i];
                match around.rule {
                    NUMBER_WORD => self.number_word(at),
                    _ => self.around(at, around),
                }
            }
        }
    }

    fn number_word(&mut self, at: usize) {
        if at == 0 || !self.bytes[at - 1].is_ascii_alphabetic() {
            self.scratch.signs.word(at);
        }
    }

    /// Tries a rule whose sign stands at `at`.
    fn around(&mut self, at: usize, around: Around) {
        if !self.active.contains(around.rule as usize) {
            return;
        }
        let (least, most) = (usize::from(around.least), usize::from(around.most));
        if most == 0 {
            self.attempt(around.rule, at);
            return;
        }
        let Some(last) = at.checked_sub(least).filter(|last| *last >= self.from) else { return };
        let first = at.saturating_sub(most).max(self.from).max(self.scratch.cursors.of(around.rule));
        let first = match around.before {
            Some(set) => {
                let own = self.bytes[first.min(at)..at].iter().rev().take_while(|b| set.contains(**b)).count();
                at - own
            }
            None => first,
        };
        for start in first..=last {
            self.attempt(around.rule, start);
        }
        if !self.engine.compiled[around.rule as usize].out_of_order() {
            self.scratch.cursors.raise(around.rule, last + 1);
        }
    }

    fn digit(&mut self, at: usize) {
        let numbers = &self.gates.numbers;
        let begins = at == 0 || !self.bytes[at - 1].is_ascii_digit();
        if begins {
            self.scratch.signs.digits(at);
        }
        if at >= self.digits_until {
            self.digits_until =
                at + self.bytes[at..].iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.bytes.len() - at);
        }
        let run = self.digits_until - at;
        let open = self.digits_until == self.bytes.len() && !self.ended;
        let list = run.min(MAX_RUN) * FOLLOWERS + self.bytes.get(self.digits_until).map_or(END, |b| follower(*b));
        let (fewest, large, every_large) = if begins {
            (numbers.fewest[list], &numbers.large, &numbers.every_large)
        } else {
            (numbers.fewest_inside[list], &numbers.large_inside, &numbers.every_large_inside)
        };
        let mut in_row = None;
        let mut enough = |digits: u16| {
            let digits = usize::from(digits);
            digits <= run || digits <= *in_row.get_or_insert_with(|| self.digits_in_row(at, run))
        };
        if open || (fewest != Numbers::NONE && enough(fewest)) {
            let room = if begins { numbers.most_before.min(at - self.from) } else { 0 };
            let before = self.bytes[at - room..at].iter().rev().take_while(|b| numbers.before.contains(**b)).count();
            for start in at - before..=at {
                self.bundle(start);
            }
        }
        if open {
            for number in every_large {
                self.number(at, *number);
            }
        } else {
            for i in large.range(list) {
                let number = large.items[i];
                if usize::from(number.digits) > run && usize::from(number.digits) > self.digits_in_row(at, run) {
                    break;
                }
                self.number(at, number);
            }
        }
    }

    /// Tries all rules of the bundle of numbers at once.
    fn bundle(&mut self, at: usize) {
        let compiled = &self.engine.compiled;
        let machine =
            |rule: u32| compiled[rule as usize].automaton.machine().expect("bundles hold fully built machines");
        let Scratch { sets, cursors, .. } = &mut *self.scratch;
        let before = before(self.bytes, at);
        for (rule, _) in sets.walk(&self.gates.numbers.bundle, machine, self.bytes, at, before, self.ended) {
            if self.active.contains(*rule as usize) && at >= cursors.of(*rule) {
                self.live = self.live.min(at);
                if !compiled[*rule as usize].out_of_order() {
                    cursors.raise(*rule, usize::MAX);
                }
            }
        }
        let found = std::mem::take(&mut self.scratch.sets.found);
        for (rule, end) in &found {
            if self.active.contains(*rule as usize) && at >= self.scratch.cursors.of(*rule) {
                if compiled[*rule as usize].out_of_order() {
                    self.scratch.late.push((*rule, at, *end));
                } else {
                    self.matched(*rule, at, *end);
                }
            }
        }
        self.scratch.sets.found = found;
    }

    /// Digits from `at` on, across gaps of up to [`MAX_DIGIT_GAP`] bytes, as far as any rule needs them; more than there are
    /// if later text may add some.
    fn digits_in_row(&self, at: usize, run: usize) -> usize {
        let (mut digits, mut gap) = (run, 0);
        for byte in &self.bytes[at + run..] {
            if byte.is_ascii_digit() {
                digits += 1;
                gap = 0;
                if digits >= self.gates.numbers.most_digits {
                    return digits;
                }
            } else {
                gap += 1;
                if gap > MAX_DIGIT_GAP {
                    return digits;
                }
            }
        }
        if self.ended { digits } else { usize::MAX }
    }

    /// Tries a rule whose first digit stands at `at`.
    fn number(&mut self, at: usize, number: Number) {
        if !self.active.contains(number.rule as usize) {
            return;
        }
        let (least, most) = (usize::from(number.least), usize::from(number.most));
        if most == 0 {
            self.attempt(number.rule, at);
            return;
        }
        let room = (at - self.from).min(most);
        let before = self.bytes[at - room..at].iter().rev().take_while(|b| number.before.contains(**b)).count();
        for offset in (least..=before).rev() {
            self.attempt(number.rule, at - offset);
        }
    }

    /// Tries the rules that begin with a long run where one has been noticed around `at`.
    fn run(&mut self, at: usize, of: RunOf) {
        if at < self.runs_until[of as usize] {
            return;
        }
        let in_run = |b: &&u8| of.contains(**b);
        let end = at + self.bytes[at..].iter().take_while(in_run).count();
        let start = at - self.bytes[self.from..at].iter().rev().take_while(in_run).count();
        self.runs_until[of as usize] = end;
        let gates = self.gates;
        for (rule, least) in &gates.runs[of as usize] {
            if !self.active.contains(*rule as usize) {
                continue;
            }
            let Some(last) = end.checked_sub(usize::from(*least)) else { continue };
            let mut at = start;
            while at <= last {
                self.attempt(*rule, at);
                at = (at + 1).max(self.scratch.cursors.of(*rule));
            }
        }
    }

    /// Walks a rule from `at`.
    fn attempt(&mut self, rule: u32, at: usize) {
        if at < self.scratch.cursors.of(rule) {
            return;
        }
        let compiled = &self.engine.compiled[rule as usize];
        let states = &mut self.scratch.caches[rule as usize].states;
        match compiled.automaton.walk(states, self.bytes, at, before(self.bytes, at), self.ended) {
            Walk::Nothing => {}
            Walk::Match(end) if compiled.out_of_order() => self.scratch.late.push((rule, at, end)),
            Walk::Match(end) => self.matched(rule, at, end),
            Walk::Undecided => {
                self.live = self.live.min(at);
                if !compiled.out_of_order() {
                    // Where the rule goes on depends on this walk.
                    self.scratch.cursors.raise(rule, usize::MAX);
                }
            }
        }
    }

    fn matched(&mut self, rule: u32, start: usize, end: usize) {
        let candidate = self.engine.candidate(rule, self.text, start, end, self.scratch);
        let next = if candidate.rejected { start + 1 } else { end };
        self.scratch.cursors.raise(rule, next);
        self.scratch.candidates.push(candidate);
    }

    /// Matches of rules with several gates, which do not come in order.
    fn late(&mut self) {
        let mut late = std::mem::take(&mut self.scratch.late);
        late.sort_unstable();
        late.dedup();
        for (rule, start, end) in late.drain(..) {
            if start >= self.scratch.cursors.of(rule) {
                self.matched(rule, start, end);
            }
        }
        self.scratch.late = late;
    }

    /// Lowers `live` to the first position from which a rule is under way whose gate the text has not reached yet.
    fn early(&mut self) {
        for at in self.from..self.live {
            let left = self.bytes.len() - at;
            for i in self.gates.early.range(usize::from(self.bytes[at])) {
                let (reach, rule) = self.gates.early.items[i];
                if usize::from(reach) <= left {
                    break;
                }
                if !self.active.contains(rule as usize) || at < self.scratch.cursors.of(rule) {
                    continue;
                }
                let automaton = &self.engine.compiled[rule as usize].automaton;
                let states = &mut self.scratch.caches[rule as usize].states;
                if automaton.walk(states, self.bytes, at, before(self.bytes, at), false) == Walk::Undecided {
                    self.live = at;
                    return;
                }
            }
        }
    }
}

fn before(bytes: &[u8], at: usize) -> Before {
    if at == 0 { Before::Beginning } else { Before::byte(bytes[at - 1]) }
}

/// Per rule the first position at which its next candidate may begin; only what was touched is reset.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    next: Vec<usize>,
    touched: Vec<u32>,
}

impl Cursors {
    pub fn reset(&mut self, rules: usize) {
        for rule in self.touched.drain(..) {
            self.next[rule as usize] = 0;
        }
        self.next.resize(rules, 0);
    }
    pub fn of(&self, rule: u32) -> usize {
        self.next[rule as usize]
    }
    pub fn raise(&mut self, rule: u32, to: usize) {
        let next = &mut self.next[rule as usize];
        if *next == 0 {
            self.touched.push(rule);
        }
        *next = (*next).max(to);
    }
}
