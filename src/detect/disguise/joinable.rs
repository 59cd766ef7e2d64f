//! Which rules can take digits that were drawn together, and where it is worth drawing them: tables made when the rules are
//! compiled, so that rows of figures cost next to nothing.

use super::digits::{LONGEST_READING, Proof};
use crate::detect::Compiled;
use crate::detect::context::{Hit, Words};
use crate::detect::machine::{Before, Machine};
use crate::pack::Rule;
use std::ops::Range;
use std::sync::Arc;

/// What a reading is made of.
#[derive(Debug, Clone, Copy)]
enum Made {
    /// Digits alone.
    Digits,
    /// Digits, capital letters, a plus sign.
    Letters,
    /// And blanks.
    Spaced,
    /// And hyphens.
    Hyphened,
}

const ALL: [Made; 4] = [Made::Digits, Made::Letters, Made::Spaced, Made::Hyphened];

impl Made {
    fn of(reading: &str) -> Made {
        let mut made = Made::Digits;
        for byte in reading.bytes() {
            match byte {
                b'0'..=b'9' => {}
                b' ' => return Made::Spaced,
                b'-' => return Made::Hyphened,
                _ => made = Made::Letters,
            }
        }
        made
    }

    fn holds(self, byte: u8) -> bool {
        match (self, byte) {
            (_, b'0'..=b'9') | (Made::Spaced, b' ') | (Made::Hyphened, b'-') => true,
            (Made::Digits, _) => false,
            _ => byte.is_ascii_uppercase() || byte == b'+',
        }
    }
}

/// Lengths of whole readings that a rule can match, one bit each, by [`Made`].
pub(in crate::detect) type Lengths = [u64; ALL.len()];

/// The lengths of a machine that matches wherever the rule does.
pub(in crate::detect) fn lengths(machine: &Machine) -> Lengths {
    let alphabet = machine.alphabet(|b| match b {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'+' | b' ' | b'-' => usize::from(b),
        _ => 2,
    });
    let mut seen = vec![0; machine.states()];
    ALL.map(|made| {
        let alphabet: Vec<u8> = alphabet.iter().copied().filter(|byte| made.holds(*byte)).collect();
        let (mut states, mut next, mut lengths) = (vec![machine.start(Before::Beginning)], Vec::new(), 0);
        seen.fill(0);
        for length in 1..=LONGEST_READING {
            for state in &states {
                for byte in &alphabet {
                    let step = machine.next(*state, *byte);
                    if step.alive() && std::mem::replace(&mut seen[machine.index(step)], length) != length {
                        next.push(step.state());
                    }
                }
            }
            if next.iter().any(|state| machine.ends(*state)) {
                lengths |= 1 << length;
            }
            std::mem::swap(&mut states, &mut next);
            next.clear();
        }
        lengths
    })
}

/// The rules that may take a reading.
#[derive(Default)]
pub(in crate::detect) struct Joinable {
    /// By [`Made`] and length.
    rules: Vec<Vec<u32>>,
    /// By number of a context word: whether one of the rules wants it.
    wanted: Vec<bool>,
    /// How many rules there are.
    count: usize,
    /// So many digits at least has a value that hardly any random digits are.
    least_certain: usize,
}

impl Joinable {
    pub fn new(rules_of: &[Arc<Rule>], compiled: &[Compiled], words: &Words) -> Joinable {
        let mut rules = vec![Vec::new(); ALL.len() * (LONGEST_READING + 1)];
        let mut least_certain = usize::MAX;
        for (rule, compiled) in compiled.iter().enumerate() {
            if compiled.proof == Proof::Nothing && compiled.context == [false, false] || compiled.until.is_some() {
                continue;
            }
            // Rules that take any separators would take any groups.
            let parted = !rules_of[rule].separators.is_empty();
            for (made, lengths) in compiled.joined.iter().enumerate().take(if parted { 2 } else { ALL.len() }) {
                for length in (1..=LONGEST_READING).filter(|length| lengths >> length & 1 == 1) {
                    rules[made * (LONGEST_READING + 1) + length].push(rule as u32);
                }
            }
            if compiled.proof == Proof::Certain && compiled.joined[Made::Digits as usize] != 0 {
                // The last character may be a letter.
                least_certain = least_certain.min(compiled.joined[Made::Digits as usize].trailing_zeros() as usize - 1);
            }
        }
        let wants = |rule: &u32| compiled[*rule as usize].joined != Lengths::default();
        let wanted = words.all_users().iter().map(|users| users.iter().any(wants)).collect();
        Joinable { rules, wanted, count: compiled.len(), least_certain }
    }

    /// The rules that may take all of a reading.
    pub fn rules(&self, reading: &str) -> &[u32] {
        let list = Made::of(reading) as usize * (LONGEST_READING + 1) + reading.len();
        if reading.len() > LONGEST_READING { &[] } else { &self.rules[list] }
    }

    /// See [`super::signs`].
    pub fn least_certain(&self) -> usize {
        self.least_certain
    }

    /// Whether a context word is near what stands at `span`. `hits` are all of the text.
    pub fn is_near(&self, span: Range<usize>, words: &Words, hits: &[Hit]) -> bool {
        let first = hits.partition_point(|hit| hit.start + words.reach() < span.start);
        let mut near = hits[first..].iter().take_while(|hit| hit.start <= span.end + words.reach());
        near.any(|hit| self.wanted[hit.word()])
    }

    /// The rules that may have a context word near what stands at `span`, among `hits`.
    pub fn rules_near(&self, span: Range<usize>, words: &Words, hits: &[Hit], near: &mut Near) {
        near.fill(self.count, 0);
        let first = hits.partition_point(|hit| hit.start + words.reach() < span.start);
        let around = hits[first..].iter().take_while(|hit| hit.start <= span.end + words.reach());
        for hit in around.filter(|hit| self.wanted[hit.word()]) {
            for rule in words.users(*hit) {
                let own = words.before(*rule as usize, span.start).start..words.after(*rule as usize, span.end).end;
                if own.contains(&hit.start) {
                    near.insert(*rule);
                }
            }
        }
    }

    /// The same where the words are not known yet: all rules if later text may bring some. `hits` is memory for them.
    pub fn rules_near_in(
        &self,
        span: Range<usize>,
        words: &Words,
        (text, ended): (&str, bool),
        hits: &mut Vec<Hit>,
        near: &mut Near,
    ) {
        hits.clear();
        let region = span.start.saturating_sub(words.reach())..span.end + words.reach() + 1;
        let undecided = words.find(text, region.clone(), ended, hits);
        if !ended && undecided.min(text.len()) < region.end {
            near.fill(self.count, u64::MAX);
        } else {
            self.rules_near(span, words, hits, near);
        }
    }
}

/// Rules that may have a context word near a run.
#[derive(Debug, Default)]
pub(in crate::detect) struct Near {
    rules: Vec<u64>,
    any: bool,
}

impl Near {
    fn fill(&mut self, rules: usize, with: u64) {
        self.rules.clear();
        self.rules.resize(rules.div_ceil(64), with);
        self.any = with != 0;
    }

    fn insert(&mut self, rule: u32) {
        self.rules[rule as usize / 64] |= 1 << (rule % 64);
        self.any = true;
    }

    /// Whether there is one.
    pub fn any(&self) -> bool {
        self.any
    }

    pub fn has(&self, rule: u32) -> bool {
        self.rules[rule as usize / 64] >> (rule % 64) & 1 == 1
    }
}
