//! The part of a match that is rewritten: the group `value`.

use super::pattern::{self, PatternError, Patterns};
use regex_automata::dfa::onepass;
use regex_automata::nfa::thompson::NFA;
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::util::primitives::NonMaxUsize;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;

/// Finds the groups of a rule's matches.
pub(super) struct Values {
    groups: Groups,
    /// Values begin with the first digit of the match and end where it does.
    from_digit: bool,
    /// The value of such a rule may begin with one of these that stands before the digit.
    separators: String,
}

/// Finds groups by walking the match again.
enum Groups {
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
    pub fn new(nfa: NFA, patterns: &Patterns, separators: &str) -> Result<Values, PatternError> {
        let config = onepass::Config::new().size_limit(Some(ONE_PASS_LIMIT));
        let groups = match onepass::DFA::builder().configure(config).build_from_nfa(nfa.clone()) {
            Ok(dfa) => Groups::OnePass(Box::new(dfa)),
            Err(_) => {
                let vm = PikeVM::new_from_nfa(nfa).map_err(|_| pattern::too_large(0))?;
                Groups::General(Box::new(vm))
            }
        };
        let from_digit = patterns.hirs.iter().all(|hir| parts_of_value(hir).is_some());
        Ok(Values { groups, from_digit, separators: separators.into() })
    }

    /// The value of the match at `span`, where its first digit tells.
    fn by_digit(&self, text: &str, span: &Range<usize>) -> Option<(usize, usize)> {
        let lead = text[span.clone()].bytes().position(|b| b.is_ascii_digit()).filter(|_| self.from_digit)?;
        let value = span.start + lead;
        let mut before = text[span.start..value].chars().rev();
        // Between a letter and the digit, a separator is the first character of the value.
        let separated = before.next().is_some_and(|c| self.separators.contains(c))
            && before.next().is_some_and(|c| c.is_ascii_alphanumeric());
        (!separated).then_some((value, span.end))
    }

    /// The first group of the match at `span` that took part and is not empty.
    pub fn find(
        &self,
        text: &str,
        span: Range<usize>,
        cache: &mut Option<Cache>,
        slots: &mut Vec<Option<NonMaxUsize>>,
    ) -> Option<(usize, usize)> {
        if let Some(value) = self.by_digit(text, &span) {
            return Some(value);
        }
        slots.clear();
        slots.resize(self.nfa().group_info().slot_len(), None);
        // Within the span of the leftmost-first match the same match is found again, now with its groups.
        let input = Input::new(text).range(span).anchored(Anchored::Yes);
        let cache = cache.get_or_insert_with(|| match &self.groups {
            Groups::OnePass(dfa) => Cache::OnePass(dfa.create_cache()),
            Groups::General(vm) => Cache::General(Box::new(vm.create_cache())),
        });
        match (&self.groups, cache) {
            (Groups::OnePass(dfa), Cache::OnePass(cache)) => {
                dfa.try_search_slots(cache, &input, slots).expect("an anchored search is always answered");
            }
            (Groups::General(vm), Cache::General(cache)) => {
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
        match &self.groups {
            Groups::OnePass(dfa) => dfa.get_nfa(),
            Groups::General(vm) => vm.get_nfa(),
        }
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        let own = match &self.groups {
            Groups::OnePass(dfa) => dfa.memory_usage(),
            Groups::General(_) => 0,
        };
        own + self.nfa().memory_usage()
    }
}

/// The last parts of a pattern, if its values are what these match and begin with the first digit of the match.
pub(super) fn parts_of_value(pattern: &Hir) -> Option<&[Hir]> {
    let parts = match pattern.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(pattern),
    };
    let group = parts.iter().position(|part| part.properties().explicit_captures_len() > 0);
    let (lead, value) = parts.split_at(group.unwrap_or(0));
    let begins = match value {
        _ if group.is_none() => begins_with_digit(pattern),
        [own, rest @ ..] => {
            matches!(own.kind(), HirKind::Capture(_)) && begins_with_digit(own) && rest.iter().all(is_empty)
        }
        [] => false,
    };
    (begins && lead.iter().all(holds_no_digit)).then_some(value)
}

fn is_empty(hir: &Hir) -> bool {
    hir.properties().maximum_len() == Some(0)
}

fn begins_with_digit(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0[0].is_ascii_digit(),
        HirKind::Class(class) => ranges(class).iter().all(|(low, high)| DIGITS.0 <= *low && *high <= DIGITS.1),
        HirKind::Repetition(repetition) => repetition.min > 0 && begins_with_digit(&repetition.sub),
        HirKind::Capture(group) => begins_with_digit(&group.sub),
        HirKind::Concat(parts) => parts.iter().find(|part| !is_empty(part)).is_some_and(begins_with_digit),
        HirKind::Alternation(parts) => parts.iter().all(begins_with_digit),
    }
}

fn holds_no_digit(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => !literal.0.iter().any(u8::is_ascii_digit),
        HirKind::Class(class) => ranges(class).iter().all(|(low, high)| *high < DIGITS.0 || DIGITS.1 < *low),
        HirKind::Repetition(repetition) => holds_no_digit(&repetition.sub),
        HirKind::Capture(group) => holds_no_digit(&group.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(holds_no_digit),
    }
}

const DIGITS: (u32, u32) = (b'0' as u32, b'9' as u32);

/// The ranges of a class, of characters or of bytes.
pub(super) fn ranges(class: &Class) -> Vec<(u32, u32)> {
    match class {
        Class::Unicode(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
        Class::Bytes(class) => class.iter().map(|range| (range.start().into(), range.end().into())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::agreement::rule;
    use super::*;

    #[test]
    fn the_first_digit_tells_where_some_values_begin() {
        let told = |pattern: &str| {
            let patterns = Patterns::read(&rule("r", &[pattern])).expect(pattern);
            patterns.hirs.iter().all(|hir| parts_of_value(hir).is_some())
        };
        for pattern in
            [r"(?:^|[^\d.]|\D\.)(?<value>\d{4})\b", r"(?:no|id) (?<value>(?:1|22)x)", r"\b\d{3}-\d{2}", r"(?<value>\d)"]
        {
            assert!(told(pattern), "{pattern}");
        }
        for pattern in
            [r"\w(?<value>\d{4})", r"x(?<value>\d)y", r"x(?<value>\w)", r"x(?<value>\d)?", r"x\d", r"x(?<value>y?\d)"]
        {
            assert!(!told(pattern), "{pattern}");
        }
    }
}
