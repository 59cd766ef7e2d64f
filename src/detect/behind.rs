//! What may stand behind a sign: of the next few bytes the kinds with which a rule can still match. Most grams of prose begin
//! a word that no rule means (`coun` begins `county`, not `counterparty`), and two looks tell so without an automaton.

use super::machine::{Machine, Step};

/// How many bytes are looked at.
const LENGTH: usize = 4;

/// Kinds of bytes: each letter without case, digits, and some of the rest.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = kind(byte as u8);
        byte += 1;
    }
    kinds
};

const fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' | b'A'..=b'Z' => byte & 0x1F,
        b'-' => 27,
        b'_' | b'/' => 28,
        0..=b' ' => 29,
        0x80..=0xFF => 31,
        _ => 30,
    }
}

/// By place behind a sign: the kinds of bytes that may stand there, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Behind([u32; LENGTH]);

impl Behind {
    pub const ANYTHING: Behind = Behind([u32::MAX; LENGTH]);
    const NOTHING: Behind = Behind([0; LENGTH]);

    /// What a machine takes in this state.
    fn of(machine: &Machine, state: Step, alphabet: &[u8]) -> Behind {
        let mut behind = Behind::NOTHING;
        let mut states = vec![state];
        for place in 0..LENGTH {
            let mut next = Vec::new();
            for state in states {
                for byte in alphabet {
                    let step = machine.next(state, *byte);
                    if step.possible() {
                        behind.0[place] |= 1 << kind(*byte);
                    }
                    if step.matched() {
                        // What follows a match is of no matter.
                        behind.0[place + 1..].fill(u32::MAX);
                    }
                    if step.alive() && !next.contains(&step.state()) {
                        next.push(step.state());
                    }
                }
            }
            states = next;
        }
        behind
    }

    fn extend(&mut self, other: &Behind) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
    }

    /// What goes on as one of these words do behind their first bytes.
    pub fn words<'w>(rests: impl Iterator<Item = &'w [u8]>) -> Behind {
        let mut behind = Behind::NOTHING;
        for rest in rests {
            for (place, kinds) in behind.0.iter_mut().enumerate() {
                *kinds |= rest.get(place).map_or(u32::MAX, |byte| 1 << kind(*byte));
            }
        }
        behind
    }

    /// Whether these bytes may stand behind the sign; where the text is shorter, it may end with a match.
    #[inline]
    pub fn admits(&self, bytes: Option<&[u8; LENGTH]>) -> bool {
        let Some(bytes) = bytes else { return true };
        self.0.iter().zip(bytes).all(|(kinds, byte)| kinds >> KINDS[usize::from(*byte)] & 1 != 0)
    }
}

/// A machine, asked what stands behind its signs.
pub(super) struct Signs<'m> {
    machine: &'m Machine,
    alphabet: Vec<u8>,
    starts: Vec<Step>,
    /// By state: what it takes, once it has been asked for.
    known: Vec<Option<Behind>>,
}

impl<'m> Signs<'m> {
    pub fn new(machine: &'m Machine) -> Signs<'m> {
        let alphabet = machine.alphabet(|byte| usize::from(kind(byte)));
        Signs { machine, alphabet, starts: machine.all_starts(), known: vec![None; machine.states()] }
    }

    /// Of a gram with which matches begin: the bits that are the same in all cases of its letters that the machine takes and
    /// what they are, and what may stand behind it.
    pub fn gram(&mut self, gram: u32) -> ((u32, u32), Behind) {
        let (mut all, mut any) = (u32::MAX, 0);
        let mut behind = Behind::NOTHING;
        for cases in 0..16u32 {
            let flipped = (0..4).filter(|place| cases >> place & 1 == 1).map(|place| 0x20 << (8 * place)).sum::<u32>();
            let exact = gram ^ flipped;
            for start in 0..self.starts.len() {
                let Some(own) = self.behind_gram(self.starts[start], exact.to_le_bytes()) else { continue };
                behind.extend(&own);
                (all, any) = (all & exact, any | exact);
            }
        }
        let same = 0x2020_2020 & !(all ^ any);
        ((same, all & same), behind)
    }

    /// What may stand behind the first such byte of a match.
    pub fn byte(&mut self, byte: u8) -> Behind {
        let mut behind = Behind::NOTHING;
        let mut seen = vec![false; self.machine.states()];
        let mut open = self.starts.clone();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut seen[self.machine.index(state)], true) {
                continue;
            }
            let others = self.alphabet.iter().filter(|other| !self.machine.alike(byte, **other));
            open.extend(others.map(|other| self.machine.next(state, *other)).filter(|s| s.alive()).map(Step::state));
            behind.extend(&self.behind(self.machine.next(state, byte)));
        }
        behind
    }

    /// What may stand behind a gram, if the machine takes it.
    fn behind_gram(&mut self, start: Step, gram: [u8; 4]) -> Option<Behind> {
        let mut at = start;
        for byte in gram {
            let step = self.machine.next(at, byte);
            // What follows a match is of any case.
            if self.machine.ends(at) || step.matched() {
                return Some(Behind::ANYTHING);
            }
            if !step.alive() {
                return None;
            }
            at = step;
        }
        Some(self.behind(at))
    }

    /// What may stand behind the byte of this step. A match that ended before the byte is not found by it.
    fn behind(&mut self, step: Step) -> Behind {
        if !step.alive() {
            return Behind::NOTHING;
        }
        let state = step.state();
        *self.known[self.machine.index(state)].get_or_insert_with(|| Behind::of(self.machine, state, &self.alphabet))
    }
}

#[cfg(test)]
mod tests {
    use super::super::machine::LIMIT;
    use super::super::pattern::read_one;
    use super::*;
    use regex_automata::nfa::thompson::Compiler;

    fn machine(pattern: &str) -> Machine {
        let nfa = Compiler::new().build_from_hir(&read_one(pattern).expect(pattern)).expect(pattern);
        Machine::build(&nfa, LIMIT).expect(pattern)
    }

    fn gram(text: &[u8; 4]) -> u32 {
        u32::from_le_bytes(*text)
    }

    #[test]
    fn behind_a_gram() {
        let machine = machine(r"\bcoun(?:terparty|try: ?\d)|\bABCD\d{2}\b");
        let mut signs = Signs::new(&machine);
        let (case, behind) = signs.gram(gram(b"coun"));
        assert_eq!(case, (0x2020_2020, 0x2020_2020));
        for (bytes, admitted) in [(b"terp", true), (b"try:", true), (b"TRY.", true), (b"ty t", false), (b"trie", false)]
        {
            assert_eq!(behind.admits(Some(bytes)), admitted, "{}", bytes.escape_ascii());
        }
        assert!(behind.admits(None));
        let (case, behind) = signs.gram(gram(b"abcd"));
        assert_eq!(case, (0x2020_2020, 0));
        assert!(behind.admits(Some(b"12 z")), "the match has ended");
        assert!(!behind.admits(Some(b"123 ")));
    }

    #[test]
    fn behind_a_byte() {
        let machine = machine(r"\b[a-f]{2}:[a-f]{2}(?::[a-f]{2})?\b");
        let behind = Signs::new(&machine).byte(b':');
        assert!(behind.admits(Some(b"ab:c")));
        assert!(behind.admits(Some(b"ab x")));
        assert!(!behind.admits(Some(b" ab:")));
        assert!(!behind.admits(Some(b"abc:")));
    }

    #[test]
    fn behind_a_word() {
        let behind = Behind::words([b"e ".as_slice(), b"r"].into_iter());
        assert!(behind.admits(Some(b"e so")) && behind.admits(Some(b"rest")));
        assert!(!behind.admits(Some(b"ld b")));
    }
}
