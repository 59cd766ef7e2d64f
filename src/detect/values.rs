//! The part of a match that is rewritten: the group `value`.

use super::pattern::{self, PatternError};
use regex_automata::dfa::onepass;
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use std::ops::Range;

/// Finds the groups of a rule's matches.
pub(super) enum Values {
    /// At each byte there is one way to go on: most patterns.
    OnePass(Box<onepass::DFA>),
    General(Box<PikeVM>),
}

/// Memory of a worker for one rule.
pub(super) enum Cache {
    OnePass(onepass::Cache),
    General(Box<pikevm::Cache>),
}

/// Most bytes of a one-pass automaton.
const ONE_PASS_LIMIT: usize = 256 << 10;

impl Values {
    pub fn new(nfa: NFA) -> Result<Values, PatternError> {
        let config = onepass::Config::new().size_limit(Some(ONE_PASS_LIMIT));
        match onepass::DFA::builder().configure(config).build_from_nfa(nfa.clone()) {
            Ok(dfa) => Ok(Values::OnePass(Box::new(dfa))),
            Err(_) => {
                let vm = PikeVM::new_from_nfa(nfa).map_err(|_| pattern::too_large(0))?;
                Ok(Values::General(Box::new(vm)))
            }
        }
    }

    /// The first group of the match at `span` that took part and is not empty.
    pub fn find(
        &self,
        text: &str,
        span: Range<usize>,
        cache: &mut Option<Cache>,
        slots: &mut Vec<Option<NonMaxUsize>>,
    ) -> Option<(usize, usize)> {
        slots.clear();
        slots.resize(self.nfa().group_info().slot_len(), None);
        // Within the span of the leftmost-first match the same match is found again, now with its groups.
        let input = Input::new(text).range(span).anchored(Anchored::Yes);
        let cache = cache.get_or_insert_with(|| match self {
            Values::OnePass(dfa) => Cache::OnePass(dfa.create_cache()),
            Values::General(vm) => Cache::General(Box::new(vm.create_cache())),
        });
        match (self, cache) {
            (Values::OnePass(dfa), Cache::OnePass(cache)) => {
                dfa.try_search_slots(cache, &input, slots).expect("an anchored search is always answered");
            }
            (Values::General(vm), Cache::General(cache)) => {
                vm.search_slots(cache, &input, slots);
            }
            _ => unreachable!("a cache belongs to one rule of one engine"),
        }
        slots[2..].chunks_exact(2).find_map(|slots| match slots {
            [Some(from), Some(to)] if from < to => Some((from.get(), to.get())),
            _ => None,
        })
    }

    fn nfa(&self) -> &NFA {
        match self {
            Values::OnePass(dfa) => dfa.get_nfa(),
            Values::General(vm) => vm.get_nfa(),
        }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        let own = match self {
            Values::OnePass(dfa) => dfa.memory_usage(),
            Values::General(_) => 0,
        };
        own + self.nfa().memory_usage()
    }
}
