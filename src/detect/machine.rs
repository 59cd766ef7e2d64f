//! A rule's anchored automaton, fully built: walks the text from one position and says whether the rule matches there.
//!
//! It is the leftmost-first DFA of the rule, trimmed to states from which a match can still be reached. So a walk that has
//! not ended when the text ends is exactly one that later text can still decide, which is what streams need to know.

use super::gate::ByteSet;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use std::collections::{HashMap, HashSet};

/// What stands before the first byte of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Before {
    Beginning = 0,
    WordByte = 1,
    OtherByte = 2,
    LineFeed = 3,
}

impl Before {
    pub const ALL: [Before; 4] = [Before::Beginning, Before::WordByte, Before::OtherByte, Before::LineFeed];

    /// A byte that stands for all of this kind.
    pub fn example(self) -> Option<u8> {
        match self {
            Before::Beginning => None,
            Before::WordByte => Some(b'a'),
            Before::OtherByte => Some(b' '),
            Before::LineFeed => Some(b'\n'),
        }
    }

    pub fn byte(byte: u8) -> Self {
        match byte {
            b'\n' => Before::LineFeed,
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' => Before::WordByte,
            _ => Before::OtherByte,
        }
    }
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Walk {
    /// The rule does not match here.
    Nothing,
    /// It matches up to this position.
    Match(usize),
    /// The text ended before that was decided.
    Undecided,
}

/// A state and whether a match ends just before the byte that led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Step(u32);

const MATCHED: u32 = 1 << 31;

impl Step {
    pub const DEAD: Step = Step(0);
    pub fn matched(self) -> bool {
        self.0 & MATCHED != 0
    }
    pub fn state(self) -> Step {
        Step(self.0 & !MATCHED)
    }
    pub fn alive(self) -> bool {
        self.state() != Step::DEAD
    }
    /// Whether this byte kept a match possible or ended one.
    pub fn possible(self) -> bool {
        self.0 != 0
    }
    fn row(self) -> usize {
        (self.0 & !MATCHED) as usize
    }
}

/// See the module.
pub(super) struct Machine {
    /// Byte → column.
    columns: Box<[u8; 256]>,
    /// Rows of steps; a state is the index of its row. The last column is the end of the text; row 0 is dead.
    table: Box<[u32]>,
    stride: usize,
    starts: [u32; 4],
}

/// Most bytes of a fully built machine, and while it is built. Few rules need more (addresses, nested long repetitions), and
/// those visit only a small part of their states.
pub(super) const LIMIT: usize = 256 << 10;

/// The machine would be larger than the limit.
#[derive(Debug)]
pub(super) struct TooLarge;

impl Machine {
    pub fn build(nfa: &NFA, limit: usize) -> Result<Machine, TooLarge> {
        let config = dense::Config::new()
            .start_kind(StartKind::Anchored)
            .match_kind(MatchKind::LeftmostFirst)
            .accelerate(false)
            .minimize(false)
            .dfa_size_limit(Some(limit))
            .determinize_size_limit(Some(limit));
        let dfa = dense::Builder::new().configure(config).build_from_nfa(nfa).map_err(|_| TooLarge)?;
        let classes = dfa.byte_classes();
        let mut columns = Box::new([0u8; 256]);
        for byte in 0..=255u8 {
            columns[usize::from(byte)] = classes.get(byte);
        }
        let width = usize::from(*columns.iter().max().expect("256 columns")) + 1;
        let mut of_column = vec![0u8; width];
        for byte in (0..=255u8).rev() {
            of_column[usize::from(columns[usize::from(byte)])] = byte;
        }
        let stride = width + 1;

        let mut rows: HashMap<StateID, u32> = HashMap::new();
        let mut queue: Vec<StateID> = Vec::new();
        let mut row_of = |id: StateID, queue: &mut Vec<StateID>| -> u32 {
            if dfa.is_dead_state(id) || dfa.is_quit_state(id) {
                return 0;
            }
            *rows.entry(id).or_insert_with(|| {
                queue.push(id);
                (queue.len() * stride) as u32
            })
        };
        let starts = Before::ALL.map(|before| {
            let config = start::Config::new().look_behind(before.example()).anchored(Anchored::Yes);
            let id = dfa.start_state(&config).expect("anchored starts are built and no byte quits");
            row_of(id, &mut queue)
        });
        let mut table = vec![0u32; stride];
        let mut at = 0;
        while at < queue.len() {
            let id = queue[at];
            at += 1;
            for byte in &of_column {
                let next = dfa.next_state(id, *byte);
                let mark = if dfa.is_match_state(next) { MATCHED } else { 0 };
                table.push(row_of(next, &mut queue) | mark);
            }
            table.push(if dfa.is_match_state(dfa.next_eoi_state(id)) { MATCHED } else { 0 });
        }
        let mut machine = Machine { columns, table: table.into(), stride, starts };
        machine.trim();
        Ok(machine)
    }

    /// Makes dead what cannot reach a match.
    fn trim(&mut self) {
        let states = self.table.len() / self.stride;
        let mut useful = vec![false; states];
        let mut sources: Vec<Vec<u32>> = vec![Vec::new(); states];
        let mut queue = Vec::new();
        for (state, row) in self.table.chunks_exact(self.stride).enumerate().skip(1) {
            for step in row {
                sources[Step(*step).row() / self.stride].push(state as u32);
            }
            if row.iter().any(|s| Step(*s).matched()) {
                useful[state] = true;
                queue.push(state);
            }
        }
        while let Some(state) = queue.pop() {
            for source in std::mem::take(&mut sources[state]) {
                if !std::mem::replace(&mut useful[source as usize], true) {
                    queue.push(source as usize);
                }
            }
        }
        let stride = self.stride;
        let keep = |step: &mut u32| {
            if !useful[Step(*step).row() / stride] {
                *step &= MATCHED;
            }
        };
        self.table.iter_mut().for_each(keep);
        self.starts.iter_mut().for_each(keep);
    }

    pub fn start(&self, before: Before) -> Step {
        Step(self.starts[before as usize])
    }

    pub fn next(&self, step: Step, byte: u8) -> Step {
        Step(self.table[step.row() + usize::from(self.columns[usize::from(byte)])])
    }

    /// Whether a match ends where the text ends.
    pub fn ends(&self, step: Step) -> bool {
        Step(self.table[step.row() + self.stride - 1]).matched()
    }

    /// Walks from `from`. With `ended`, the end of `text` is the end of the whole text.
    pub fn walk(&self, text: &[u8], from: usize, before: Before, ended: bool) -> Walk {
        let mut row = self.starts[before as usize] as usize;
        let mut end = usize::MAX;
        for (i, byte) in text[from..].iter().enumerate() {
            let step = self.table[row + usize::from(self.columns[usize::from(*byte)])];
            if step & MATCHED != 0 {
                end = from + i;
            }
            row = (step & !MATCHED) as usize;
            if row == 0 {
                return if end == usize::MAX { Walk::Nothing } else { Walk::Match(end) };
            }
        }
        if row != 0 {
            if !ended {
                return Walk::Undecided;
            }
            if self.ends(Step(row as u32)) {
                end = text.len();
            }
        }
        if end == usize::MAX { Walk::Nothing } else { Walk::Match(end) }
    }

    /// Every state a walk can begin in.
    pub fn all_starts(&self) -> Vec<Step> {
        let mut starts: Vec<u32> = self.starts.iter().copied().filter(|s| *s != 0).collect();
        starts.sort_unstable();
        starts.dedup();
        starts.into_iter().map(Step).collect()
    }

    /// The number of states, for tables indexed by [`Machine::index`].
    pub fn states(&self) -> usize {
        self.table.len() / self.stride
    }

    pub fn index(&self, step: Step) -> usize {
        step.row() / self.stride
    }

    /// Bytes that stand for all: of those the machine treats alike and `sort` calls the same, one.
    pub fn alphabet(&self, sort: impl Fn(u8) -> usize) -> Vec<u8> {
        let mut seen = HashSet::new();
        (0..=255u8).filter(|b| seen.insert((self.columns[usize::from(*b)], sort(*b)))).collect()
    }

    /// The bytes that a walk can take first, by what stands before it.
    pub fn begins(&self) -> [ByteSet; 4] {
        Before::ALL.map(|before| {
            let start = self.start(before);
            ByteSet::of((0..=255).filter(|byte| start.alive() && self.next(start, *byte).possible()))
        })
    }

    /// Every byte that a walk can take.
    pub fn bytes(&self) -> ByteSet {
        let mut columns = vec![false; self.stride];
        for row in self.table.chunks_exact(self.stride).skip(1) {
            row.iter().zip(&mut columns).for_each(|(step, column)| *column |= Step(*step).possible());
        }
        ByteSet::of((0..=255).filter(|byte| columns[usize::from(self.column(*byte))]))
    }

    /// The number of the class of bytes that the machine treats alike.
    pub fn column(&self, byte: u8) -> u8 {
        self.columns[usize::from(byte)]
    }

    /// Whether the machine treats two bytes alike.
    pub fn alike(&self, a: u8, b: u8) -> bool {
        self.columns[usize::from(a)] == self.columns[usize::from(b)]
    }

    /// Length of the longest match in bytes.
    pub fn longest(&self) -> usize {
        // Patterns are bounded, so live states form no circle: walk them in depth-first order.
        let mut longest = vec![None; self.states()];
        let mut stack: Vec<(Step, bool)> = self.all_starts().into_iter().map(|s| (s, false)).collect();
        while let Some((step, children_done)) = stack.pop() {
            let index = self.index(step);
            if longest[index].is_some() {
                continue;
            }
            let row = &self.table[step.row()..][..self.stride];
            if children_done {
                let best = row
                    .iter()
                    .map(|s| Step(*s))
                    .filter(|s| s.alive())
                    .map(|s| 1 + longest[self.index(s)].unwrap_or(0))
                    .max()
                    .unwrap_or(0);
                longest[index] = Some(best);
            } else {
                stack.push((step, true));
                stack.extend(row.iter().map(|s| Step(*s).state()).filter(|s| s.alive()).map(|s| (s, false)));
            }
        }
        self.all_starts().into_iter().filter_map(|s| longest[self.index(s)]).max().unwrap_or(0)
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        size_of::<Self>() + self.columns.len() + self.table.len() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::pattern::read_one;
    use super::*;
    use regex_automata::nfa::thompson::Compiler;

    fn machine(pattern: &str) -> Machine {
        let nfa = Compiler::new().build_from_hir(&read_one(pattern).expect(pattern)).expect(pattern);
        Machine::build(&nfa, LIMIT).expect(pattern)
    }

    #[test]
    fn walks_end_as_early_as_they_can() {
        let m = machine(r"\b\d{3}(?:-\d{2})?\b");
        let walk = |text: &str, from: usize, ended: bool| {
            let before = if from == 0 { Before::Beginning } else { Before::byte(text.as_bytes()[from - 1]) };
            m.walk(text.as_bytes(), from, before, ended)
        };
        assert_eq!(walk("123 ", 0, false), Walk::Match(3));
        assert_eq!(walk("123", 0, false), Walk::Undecided);
        assert_eq!(walk("123", 0, true), Walk::Match(3));
        assert_eq!(walk("123-4", 0, false), Walk::Undecided);
        assert_eq!(walk("123-4x", 0, false), Walk::Match(3));
        assert_eq!(walk("1234", 0, false), Walk::Nothing);
        assert_eq!(walk("x123 ", 1, false), Walk::Nothing);
        assert_eq!(walk("12", 0, true), Walk::Nothing);
        assert_eq!(m.longest(), 6);
    }

    #[test]
    fn first_alternative_wins() {
        let m = machine("abc|abcd");
        assert_eq!(m.walk(b"abcd ", 0, Before::Beginning, true), Walk::Match(3));
        assert_eq!(m.longest(), 3, "the second alternative is never reached");
    }
}
