//! The sweep: one pass over the text that looks for every gate at once and tries a rule only where its gate opens.
//!
//! Per block of 64 bytes [`super::simd`] tells what each byte is. From that follow the places to look at: words whose first
//! four bytes may begin something (one bit of a hashed table), bytes with which something begins that may stand anywhere,
//! numbers, marked bytes, long runs. What is found does not depend on gates (the oracle proves it); they only say where not
//! to look.

use super::dictionary::{self, Dictionary, Pass, Undecided};
use super::disguise::spelled;
use super::gate::{ByteSet, Gaps, MAX_DIGIT_GAP, RunOf};
use super::initials::what;
use super::machine::{Before, Walk};
use super::refusal::Row;
use super::simd::{BLOCK, Masks, WINDOW};
use super::tables::{Around, END, FOLLOWERS, Gates, Grams, MAX_RUN, NUMBER_WORD, Number, Numbers, Shapes, follower};
use super::{Engine, RuleSet, Scratch};

/// Finds the candidates that begin at or after `from`; they are added to `scratch.candidates`, ordered per rule.
///
/// Candidates at or after [`Reached::live`] are not final and must be dropped.
pub(super) fn sweep(
    engine: &Engine,
    text: &str,
    from: usize,
    ended: bool,
    active: &RuleSet,
    scratch: &mut Scratch,
) -> Reached {
    let mut sweep = Sweep::new(engine, text, active, scratch, &engine.gates.all);
    (sweep.from, sweep.ended) = (from, ended);
    sweep.pass();
    sweep.late();
    if !ended {
        sweep.early();
    }
    sweep.reached
}

/// How far later text can change what a sweep has found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached {
    /// The first position at which later text could still begin a candidate: the end of the text if it has ended.
    pub live: usize,
    /// The first position at which the value of such a candidate could begin.
    pub free: usize,
}

impl Reached {
    /// A candidate may begin at `live` whose value begins at `free` or later.
    pub fn lower(&mut self, live: usize, free: usize) {
        self.live = self.live.min(live);
        self.free = self.free.min(free);
    }
}

/// Finds the candidates of a whole text; those of rules that need a context word only where one may be near.
///
/// Returns how far it came: the end of the text, unless the budget ran out.
pub(super) fn sweep_whole(engine: &Engine, text: &str, active: &RuleSet, scratch: &mut Scratch) -> usize {
    let mut sweep = Sweep::new(engine, text, active, scratch, &engine.gates.free);
    sweep.whole = true;
    sweep.scratch.marks.clear();
    sweep.pass();
    sweep.late();
    if sweep.any_shape || sweep.scratch.signs.any() || !sweep.scratch.candidates.is_empty() {
        let Scratch { openings, words, .. } = &mut *sweep.scratch;
        engine.words.find_at(text, openings, words);
        sweep.bound();
    }
    sweep.reached.live
}

/// What begins with a word of no more letters is not known where the text ends behind it.
const LAST_LETTERS: usize = 4;

const GRAM: u64 = what::GRAM as u64;
const CONTEXT: u64 = what::CONTEXT as u64;
const ENTRY: u64 = what::ENTRY as u64;

pub(super) struct Sweep<'a> {
    pub engine: &'a Engine,
    pub gates: &'a Gates,
    shapes: &'a Shapes,
    text: &'a str,
    pub bytes: &'a [u8],
    from: usize,
    ended: bool,
    /// Places where context words may begin are wanted.
    whole: bool,
    pub active: &'a RuleSet,
    pub scratch: &'a mut Scratch,
    /// How far everything is known.
    pub reached: Reached,
    runs_until: [usize; 2],
    /// The word lists, if a rule that has one is active and nothing is undecided yet.
    dictionary: Option<&'a Dictionary>,
    buffers: dictionary::Buffers,
    /// Where number words seem to begin in the block, a bit each.
    number_words: u64,
    /// There are digits, or a run of capitals.
    pub any_shape: bool,
    /// The row of digits that was looked at last.
    row: Row,
}

/// Which bytes of a window are ASCII letters and digits.
#[derive(Clone, Copy)]
struct Letters(u128);

impl Letters {
    /// Those of the block are known.
    fn of(block: u64, window: &[u8; WINDOW]) -> Letters {
        let behind =
            window[BLOCK..].iter().rev().fold(0u64, |mask, b| mask << 1 | u64::from(b.is_ascii_alphanumeric()));
        Letters(u128::from(behind) << BLOCK | u128::from(block))
    }

    /// How many there are from `offset` on, at most four.
    #[inline]
    fn from(self, offset: usize) -> u32 {
        (!((self.0 >> offset) as u32) | 1 << 4).trailing_zeros()
    }
}

/// What a block has to know of the one before it.
#[derive(Default)]
struct Carry {
    /// Whether its last byte is a digit, and a letter or digit.
    digit: u64,
    alnum: u64,
    /// Lengths of the runs that reach its end, by [`RunOf`].
    runs: [usize; 2],
}

impl<'a> Sweep<'a> {
    fn new(
        engine: &'a Engine,
        text: &'a str,
        active: &'a RuleSet,
        scratch: &'a mut Scratch,
        shapes: &'a Shapes,
    ) -> Sweep<'a> {
        Sweep {
            engine,
            gates: &engine.gates,
            shapes,
            text,
            bytes: text.as_bytes(),
            from: 0,
            ended: true,
            whole: false,
            active,
            scratch,
            reached: Reached { live: text.len(), free: text.len() },
            runs_until: [0; 2],
            dictionary: engine.dictionary.as_ref().filter(|dictionary| dictionary.is_active(active)),
            buffers: dictionary::Buffers::default(),
            number_words: 0,
            any_shape: false,
            row: Row::default(),
        }
    }

    fn pass(&mut self) {
        self.buffers = std::mem::take(&mut self.scratch.dictionary);
        self.blocks();
        self.scratch.dictionary = std::mem::take(&mut self.buffers);
    }

    fn blocks(&mut self) {
        let mut carry = Carry::default();
        if let Some(before) = self.from.checked_sub(1).map(|at| self.bytes[at]) {
            carry.digit = before.is_ascii_digit().into();
            carry.alnum = before.is_ascii_alphanumeric().into();
            if before.is_ascii_digit() {
                self.number_at(self.from);
            }
        }
        self.runs_until = [self.from; 2];
        let mut at = self.from;
        while let Some(window) = self.bytes.get(at..at + WINDOW) {
            if self.scratch.over_budget() {
                self.reached.lower(at, at);
                return;
            }
            self.block(at, BLOCK, window.try_into().expect("a window"), &mut carry);
            at += BLOCK;
        }
        while at < self.bytes.len() {
            let rest = &self.bytes[at..];
            let mut window = [b' '; WINDOW];
            window[..rest.len()].copy_from_slice(rest);
            self.block(at, rest.len().min(BLOCK), &window, &mut carry);
            at += BLOCK;
        }
    }

    /// Looks for gates in `length` bytes from `at` on, the beginning of `window`.
    fn block(&mut self, at: usize, length: usize, window: &[u8; WINDOW], carry: &mut Carry) {
        let gates = self.gates;
        let kept = u64::MAX >> (BLOCK - length);
        let block = window.first_chunk().expect("a window is longer than a block");
        let masks = gates.kinds.masks(block).only(kept);
        let words = masks.alnum & !(masks.alnum << 1 | carry.alnum);
        let letters = Letters::of(masks.alnum, window);
        let (mut beginnings, mut openings, mut entries) = (0u64, 0u64, 0u64);
        for offset in ones(words) {
            let flags = u64::from(self.engine.initials.of(gram_at(window, offset), letters.from(offset)));
            beginnings |= ((flags & GRAM) / GRAM) << offset;
            openings |= ((flags & CONTEXT) / CONTEXT) << offset;
            entries |= ((flags & ENTRY) / ENTRY) << offset;
        }
        if self.whole {
            self.scratch.marks.push(&masks);
            self.scratch.openings.extend(ones(masks.second | openings).map(|offset| at + offset));
        }
        for offset in ones(beginnings) {
            if gates.at_words.maybe(gram_at(window, offset)) {
                self.grams(at + offset, window, offset, &gates.at_words);
            }
        }
        if let Some(dictionary) = self.dictionary {
            if !self.ended {
                // What such a word begins is not known yet.
                let last = self.bytes.len().saturating_sub(at + LAST_LETTERS).min(BLOCK - 1);
                entries |= words & u64::MAX << last;
            }
            let characters = dictionary.characters(block) & kept;
            self.entries(dictionary, at, entries | characters, &masks, words);
        }
        for offset in ones(gates.beginnings.hits(window) & kept) {
            if gates.anywhere.maybe(gram_at(window, offset)) {
                self.grams(at + offset, window, offset, &gates.anywhere);
            }
        }
        self.any_shape |= masks.digit != 0;
        let numbers = masks.digit & !(masks.digit << 1 | carry.digit);
        for offset in ones(numbers | std::mem::take(&mut self.number_words)) {
            match numbers >> offset & 1 {
                0 => self.scratch.signs.word(self.bytes, at + offset),
                _ => self.number_at(at + offset),
            }
        }
        for offset in ones(masks.first) {
            let at = at + offset;
            let behind = self.bytes[at + 1..].first_chunk();
            for around in &gates.marked.items[gates.marked.range(usize::from(self.bytes[at]))] {
                if around.behind.admits(behind) {
                    self.around(at, around);
                }
            }
        }
        for (of, mask) in [(RunOf::Token, masks.token), (RunOf::Capitals, masks.capital)] {
            let index = of as usize;
            let least = of.least();
            let leading = mask.trailing_ones() as usize;
            if carry.runs[index] + leading >= least && leading > 0 {
                self.run(at, of);
            }
            let long = runs_of(mask, least);
            if long != 0 {
                // One position of each run will do: `run` knows where it has been.
                ones(long & !(long << 1)).for_each(|offset| self.run(at + offset, of));
            }
            carry.runs[index] = match mask.leading_ones() as usize {
                BLOCK => carry.runs[index] + BLOCK,
                trailing => trailing,
            };
        }
        carry.digit = masks.digit >> (BLOCK - 1);
        carry.alnum = masks.alnum >> (BLOCK - 1);
        self.scratch.digits.push(masks.digit);
    }

    /// Looks for entries of word lists at some places of a block.
    fn entries(&mut self, dictionary: &Dictionary, at: usize, places: u64, masks: &Masks, words: u64) {
        for offset in ones(places) {
            let place = at + offset;
            let in_word = words >> offset & 1 != 0;
            if !in_word && !dictionary.may_begin_at(self.bytes, place) {
                continue;
            }
            let mut pass = Pass {
                dictionary,
                engine: self.engine,
                text: self.text,
                ended: self.ended,
                active: self.active,
                scratch: &mut *self.scratch,
                buffers: &mut self.buffers,
            };
            let looked = if in_word {
                let mut end = place + (masks.alnum >> offset).trailing_ones() as usize;
                if end == at + BLOCK {
                    end += self.bytes[end..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
                }
                pass.ascii_word(place, end)
            } else {
                pass.character(place)
            };
            if let Err(Undecided) = looked {
                self.reached.lower(place, place);
                self.dictionary = None;
                return;
            }
        }
    }

    /// Tries the rules with the gram at `at`, which is at `offset` of the window.
    fn grams(&mut self, at: usize, window: &[u8; WINDOW], offset: usize, grams: &'a Grams) {
        if at + 4 > self.bytes.len() && !self.ended {
            return;
        }
        let gram = gram_at(window, offset);
        if let Some(list) = grams.list_of(gram) {
            let behind = self.bytes[at..].get(4..).and_then(<[u8]>::first_chunk);
            for around in &grams.rules.items[grams.rules.range(list)] {
                if around.rule == NUMBER_WORD {
                    let is_one = self.bytes[at].is_ascii() || spelled::are_characters(&self.text[at..]);
                    self.number_words |= u64::from(is_one) << offset;
                } else if gram & around.case.0 == around.case.1 && around.behind.admits(behind) {
                    self.around(at, around);
                }
            }
        }
    }

    /// Tries a rule whose sign stands at `at`.
    fn around(&mut self, at: usize, around: &Around) {
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
        let first = match &around.before {
            Some(set) => at - self.standing_before(at, at.saturating_sub(first), set),
            None => first,
        };
        for start in first..=last {
            self.attempt(around.rule, start);
        }
        if !self.engine.compiled[around.rule as usize].out_of_order() {
            self.scratch.cursors.raise(around.rule, last + 1);
        }
    }

    /// Tries the rules at the digits from `at` on, up to the end of their run.
    fn number_at(&mut self, at: usize) {
        let end = at + self.bytes[at..].iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.bytes.len() - at);
        let begins = at == 0 || !self.bytes[at - 1].is_ascii_digit();
        if begins {
            self.scratch.signs.digits(self.bytes, at..end, self.engine.joinable.least_certain());
            self.digit(at, end, true);
        }
        if self.shapes.numbers.inside {
            (at + usize::from(begins)..end).for_each(|inside| self.digit(inside, end, false));
        }
    }

    fn digit(&mut self, at: usize, end: usize, begins: bool) {
        let numbers = &self.shapes.numbers;
        let run = end - at;
        let open = end == self.bytes.len() && !self.ended;
        let list = run.min(MAX_RUN) * FOLLOWERS + self.bytes.get(end).map_or(END, |b| follower(*b));
        let (fewest, large, every_large) = if begins {
            (numbers.fewest[list], &numbers.large, &numbers.every_large)
        } else {
            (numbers.fewest_inside[list], &numbers.large_inside, &numbers.every_large_inside)
        };
        let mut in_row = [None; 3];
        let mut enough = |sweep: &Self, digits: u16, gaps: Gaps| {
            let digits = usize::from(digits);
            let in_row = &mut in_row[gaps as usize];
            digits <= run || digits <= *in_row.get_or_insert_with(|| sweep.digits_in_row(at, run, gaps))
        };
        if open || (fewest != Numbers::NONE && enough(self, fewest, Gaps::Any)) {
            let room = if begins { numbers.most_before.min(at - self.from) } else { 0 };
            for start in at - self.standing_before(at, room, &numbers.before)..=at {
                if numbers.begins[before(self.bytes, start) as usize].contains(self.bytes[start]) {
                    self.bundle(start);
                }
            }
        }
        if open {
            for number in every_large {
                self.number(at, number);
            }
        } else {
            for i in large.range(list) {
                let number = &large.items[i];
                if enough(self, number.digits, number.gaps) {
                    self.number(at, number);
                }
            }
        }
    }

    /// How many of the up to `room` bytes before `at` are of the set, without a gap.
    pub fn standing_before(&self, at: usize, room: usize, set: &ByteSet) -> usize {
        self.bytes[at - room..at].iter().rev().take_while(|b| set.contains(**b)).count()
    }

    /// Tries all rules of the bundle of numbers at once.
    fn bundle(&mut self, at: usize) {
        let compiled = &self.engine.compiled;
        let machine =
            |rule: u32| compiled[rule as usize].automaton.machine().expect("bundles hold fully built machines");
        let Scratch { sets, cursors, caches, .. } = &mut *self.scratch;
        let before = before(self.bytes, at);
        let mut walked = 0;
        for (rule, _) in
            sets.walk(&self.shapes.numbers.bundle, machine, self.bytes, at, before, self.ended, &mut walked)
        {
            if self.active.contains(*rule as usize) && at >= cursors.of(*rule) {
                let states = &mut caches[*rule as usize].states;
                self.reached.lower(at, compiled[*rule as usize].earliest_value(states, self.bytes, at));
                if !compiled[*rule as usize].out_of_order() {
                    cursors.raise(*rule, usize::MAX);
                }
            }
        }
        self.scratch.spent += walked;
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
    pub fn digits_in_row(&self, at: usize, run: usize, gaps: Gaps) -> usize {
        let (mut digits, mut gap) = (run, 0);
        for byte in &self.bytes[at + run..] {
            if byte.is_ascii_digit() {
                digits += 1;
                gap = 0;
                if digits >= self.gates.all.numbers.most_digits {
                    return digits;
                }
            } else {
                gap += 1;
                if gap > MAX_DIGIT_GAP || !gaps.contain(*byte) {
                    return digits;
                }
            }
        }
        if self.ended { digits } else { usize::MAX }
    }

    /// Tries a rule whose first digit stands at `at`.
    fn number(&mut self, at: usize, number: &Number) {
        if !self.active.contains(number.rule as usize) {
            return;
        }
        let (least, most) = (usize::from(number.least), usize::from(number.most));
        if most == 0 {
            if number.first >> (self.bytes[at] - b'0') & 1 != 0 && !self.refused(number.rule, at) {
                self.attempt(number.rule, at);
            }
            return;
        }
        if self.refused(number.rule, at) {
            return;
        }
        let before = self.standing_before(at, (at - self.from).min(most), &number.before);
        for offset in (least..=before).rev() {
            self.attempt(number.rule, at - offset);
        }
    }

    /// Whether the rule's validator refuses every match of which the first digit stands at `at`.
    pub fn refused(&mut self, rule: u32, at: usize) -> bool {
        let Some(refusal) = &self.engine.compiled[rule as usize].refusal else { return false };
        if self.row.start != at {
            self.scratch.spent += self.row.read(self.bytes, at) as u64;
        }
        refusal.holds(&self.row)
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
        if self.whole {
            self.scratch.runs[of as usize].push(start..end);
        }
        let shapes = self.shapes;
        self.any_shape = true;
        for (rule, least) in &shapes.runs[of as usize] {
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
    pub fn attempt(&mut self, rule: u32, at: usize) {
        let before = before(self.bytes, at);
        let begins = &self.gates.begins[rule as usize][before as usize];
        if !begins.contains(self.bytes[at]) || at < self.scratch.cursors.of(rule) {
            return;
        }
        let compiled = &self.engine.compiled[rule as usize];
        let Scratch { caches, spent, .. } = &mut *self.scratch;
        let states = &mut caches[rule as usize].states;
        match compiled.automaton.walk(states, self.bytes, at, before, self.ended, spent) {
            Walk::Nothing => {}
            Walk::Match(end) if compiled.out_of_order() => self.scratch.late.push((rule, at, end)),
            Walk::Match(end) => self.matched(rule, at, end),
            Walk::Undecided => {
                self.reached.lower(at, compiled.earliest_value(states, self.bytes, at));
                if !compiled.out_of_order() {
                    // Where the rule goes on depends on this walk.
                    self.scratch.cursors.raise(rule, usize::MAX);
                }
            }
        }
    }

    fn matched(&mut self, rule: u32, start: usize, end: usize) {
        self.engine.matched(rule, self.text, (start, end), self.ended, self.scratch);
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

    /// Looks for rules that are under way and whose gate the text has not reached yet.
    fn early(&mut self) {
        for at in self.from..self.bytes.len() {
            if at >= self.reached.free {
                return;
            }
            let left = self.bytes.len() - at;
            let before = before(self.bytes, at);
            for i in self.gates.early.range(before as usize * 256 + usize::from(self.bytes[at])) {
                let (reach, rule) = self.gates.early.items[i];
                if usize::from(reach) <= left {
                    break;
                }
                if !self.active.contains(rule as usize) || at < self.scratch.cursors.of(rule) {
                    continue;
                }
                let compiled = &self.engine.compiled[rule as usize];
                let Scratch { caches, spent, .. } = &mut *self.scratch;
                let states = &mut caches[rule as usize].states;
                if compiled.automaton.walk(states, self.bytes, at, before, false, spent) == Walk::Undecided {
                    self.reached.lower(at, compiled.earliest_value(states, self.bytes, at));
                    self.scratch.cursors.raise(rule, usize::MAX);
                }
            }
        }
    }
}

/// The four bytes from `offset` on; behind the end of the text there are spaces.
fn gram_at(window: &[u8; WINDOW], offset: usize) -> u32 {
    // The offset is below 64 in any case: so the compiler knows that it is inside.
    let offset = offset % BLOCK;
    u32::from_le_bytes(window[offset..offset + 4].try_into().expect("four bytes"))
}

/// The offsets of the ones of a mask, in order.
pub(super) fn ones(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let next = (mask != 0).then(|| mask.trailing_zeros() as usize);
        mask &= mask.wrapping_sub(1);
        next
    })
}

/// The positions from which on at least `least` (up to 64) ones stand.
fn runs_of(mask: u64, least: usize) -> u64 {
    let (mut runs, mut known) = (mask, 1);
    while known < least && runs != 0 {
        let step = known.min(least - known);
        runs &= runs >> step;
        known += step;
    }
    runs
}

pub(super) fn before(bytes: &[u8], at: usize) -> Before {
    if at == 0 { Before::Beginning } else { Before::byte(bytes[at - 1]) }
}

/// Per rule the first position at which its next candidate may begin; only what was touched is reset.
#[derive(Debug, Default)]
pub(super) struct Cursors {
    next: Vec<usize>,
    touched: Vec<u32>,
    /// No candidate may begin before.
    start: usize,
}

impl Cursors {
    pub fn reset(&mut self, rules: usize) {
        self.start = 0;
        for rule in self.touched.drain(..) {
            self.next[rule as usize] = 0;
        }
        self.next.resize(rules, 0);
    }
    /// Takes no candidate that begins before an offset.
    pub fn start_at(&mut self, start: usize) {
        self.start = start;
    }
    pub fn of(&self, rule: u32) -> usize {
        self.next[rule as usize].max(self.start)
    }
    pub fn raise(&mut self, rule: u32, to: usize) {
        let next = &mut self.next[rule as usize];
        if *next == 0 {
            self.touched.push(rule);
        }
        *next = (*next).max(to);
    }
}
