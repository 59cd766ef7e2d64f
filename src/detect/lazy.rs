//! Automata of the few rules that are too large to build fully (addresses, long repetitions one inside another): their
//! states are built as texts visit them, in memory of the worker.

use super::machine::{Before, Machine, Walk};
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::NFA;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

/// Memory for the states of one rule in one worker. Prose visits a few dozen kilobytes of them.
const CACHE: usize = 512 << 10;

/// A rule's automaton.
pub(super) enum Automaton {
    Full(Machine),
    Lazy(Box<DFA>),
}

impl Automaton {
    pub fn lazy(nfa: &NFA) -> Option<Automaton> {
        let config = Config::new()
            .match_kind(MatchKind::LeftmostFirst)
            .cache_capacity(CACHE)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(None);
        DFA::builder().configure(config).build_from_nfa(nfa.clone()).ok().map(|dfa| Automaton::Lazy(Box::new(dfa)))
    }

    pub fn machine(&self) -> Option<&Machine> {
        match self {
            Automaton::Full(machine) => Some(machine),
            Automaton::Lazy(_) => None,
        }
    }

    /// The machine itself, or the `relaxed` one that a lazy automaton has beside it.
    pub fn machine_or<'m>(&'m self, relaxed: &'m Option<Machine>) -> &'m Machine {
        match self {
            Automaton::Full(machine) => machine,
            Automaton::Lazy(_) => relaxed.as_ref().expect("a lazy automaton has a relaxed machine beside it"),
        }
    }

    /// Walks from `from`; see [`Machine::walk`].
    pub fn walk(
        &self,
        cache: &mut Option<Cache>,
        text: &[u8],
        from: usize,
        before: Before,
        ended: bool,
        work: &mut u64,
    ) -> Walk {
        match self {
            Automaton::Full(machine) => machine.walk(text, from, before, ended, work),
            Automaton::Lazy(dfa) => {
                let cache = cache.get_or_insert_with(|| dfa.create_cache());
                walk(dfa, cache, text, from, before, ended, work)
            }
        }
    }

    /// Size in bytes, without what workers keep.
    pub fn memory(&self) -> usize {
        match self {
            Automaton::Full(machine) => machine.memory(),
            Automaton::Lazy(dfa) => dfa.memory_usage() + dfa.get_nfa().memory_usage(),
        }
    }
}

fn walk(dfa: &DFA, cache: &mut Cache, text: &[u8], from: usize, before: Before, ended: bool, work: &mut u64) -> Walk {
    const NEVER: &str = "no byte quits, and the cache may be cleared without limit";
    let config = start::Config::new().look_behind(before.example()).anchored(Anchored::Yes);
    let mut state = dfa.start_state(cache, &config).expect(NEVER);
    let mut end = None;
    for (i, byte) in text[from..].iter().enumerate() {
        state = dfa.next_state(cache, state, *byte).expect(NEVER);
        if state.is_tagged() {
            if state.is_match() {
                end = Some(from + i);
            } else if state.is_dead() {
                *work += i as u64 + 1;
                return end.map_or(Walk::Nothing, Walk::Match);
            }
        }
    }
    *work += (text.len() - from) as u64;
    if !ended {
        return Walk::Undecided;
    }
    if dfa.next_eoi_state(cache, state).expect(NEVER).is_match() {
        end = Some(text.len());
    }
    end.map_or(Walk::Nothing, Walk::Match)
}
