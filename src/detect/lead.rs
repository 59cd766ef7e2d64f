//! Where the value of a match may begin: what a rule only looks at before its value can leave a stream at once.

use super::Compiled;
use super::machine::{Before, LIMIT, Machine, Walk};
use super::pattern::Patterns;
use super::sweep::before;
use regex_automata::hybrid::dfa::Cache;
use regex_syntax::hir::{Hir, HirKind};

/// What stands between the start of a rule's matches and their values.
pub(super) struct Lead {
    /// Of the patterns whose group `value` takes part in every match: what stands in front of it.
    inner: Machine,
    /// The other patterns: their values begin with the match.
    whole: Option<Machine>,
}

impl Lead {
    /// `None` if values begin with the match, or nothing better is known.
    pub fn new(patterns: &Patterns) -> Option<Lead> {
        let (mut inner, mut whole) = (Vec::new(), Vec::new());
        for hir in &patterns.hirs {
            match in_front(hir).filter(|lead| lead.properties().maximum_len() != Some(0)) {
                Some(lead) => inner.push(lead),
                None => whole.push(hir.clone()),
            }
        }
        if inner.is_empty() {
            return None;
        }
        let machine = |hirs| Machine::build(&patterns.nfa_of(hirs).ok()?, LIMIT).ok();
        let inner = machine(inner)?;
        let whole = if whole.is_empty() { None } else { Some(machine(whole)?) };
        Some(Lead { inner, whole })
    }

    /// The first place where the value of a match from `from` on may begin, as far as `text` tells; its end at the latest.
    fn value_start(&self, text: &[u8], from: usize) -> usize {
        let before = before(text, from);
        if self.whole.as_ref().is_some_and(|machine| machine.walk(text, from, before, false, &mut 0) != Walk::Nothing) {
            return from;
        }
        self.first_end(text, from, before)
    }

    /// Where the shortest match of `inner` ends.
    fn first_end(&self, text: &[u8], from: usize, before: Before) -> usize {
        let mut step = self.inner.start(before);
        for (i, byte) in text[from..].iter().enumerate() {
            step = self.inner.next(step, *byte);
            if step.matched() {
                return from + i;
            }
        }
        text.len()
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.inner.memory() + self.whole.as_ref().map_or(0, Machine::memory)
    }
}

impl Compiled {
    /// Where the rule's next value may begin at the earliest when `text` ended before the walk from `at` did.
    ///
    /// If that walk comes to nothing, or to less than the rest of the text, the rule may match from any later place; those
    /// are looked at here, at most [`MAX_WIDTH`](super::MAX_WIDTH) of them, since the sweep leaves the rule alone from now on.
    pub fn earliest_value(&self, states: &mut Option<Cache>, text: &[u8], at: usize) -> usize {
        let Some(lead) = &self.lead else { return at };
        let mut earliest = lead.value_start(text, at);
        let mut start = at + 1;
        while start < earliest {
            if self.automaton.walk(states, text, start, before(text, start), false, &mut 0) != Walk::Nothing {
                earliest = earliest.min(lead.value_start(text, start));
            }
            start += 1;
        }
        earliest
    }
}

/// What stands in front of a pattern's group, if it takes part in every match and is never empty.
fn in_front(hir: &Hir) -> Option<Hir> {
    let holds_text = |hir: &Hir| hir.properties().minimum_len().is_some_and(|least| least > 0);
    match hir.kind() {
        HirKind::Capture(group) => holds_text(&group.sub).then(Hir::empty),
        HirKind::Repetition(repetition) if repetition.min > 0 => in_front(&repetition.sub),
        HirKind::Concat(parts) => {
            let first = parts.iter().position(|part| part.properties().explicit_captures_len() > 0)?;
            let mut lead = parts[..first].to_vec();
            lead.push(in_front(&parts[first])?);
            Some(Hir::concat(lead))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::agreement::rule;
    use super::*;

    fn lead(patterns: &[&str]) -> Option<Lead> {
        Lead::new(&Patterns::read(&rule("r", patterns)).expect("patterns of this test"))
    }

    #[test]
    fn the_first_bytes_tell_where_the_value_begins() {
        let number = lead(&[r"(?:^|[^0-9.]|[^0-9]\.)(?<value>\d{4})\b"]).expect("there is a group in every match");
        for (text, from, expected) in [("1", 0, 0), ("x ", 1, 2), ("xé1", 1, 3), ("xa.", 1, 2), ("12", 1, 2)] {
            assert_eq!(number.value_start(text.as_bytes(), from), expected, "{text:?}");
        }
        let key = lead(&[r"key[:=](?<value>\w{4})", r"id (?:no )?(?<value>x?\d{4})", r"\bpin\d{4}"])
            .expect("two of the patterns have a group in every match");
        for (text, expected) in [("ke", 2), ("key:ab", 4), ("id x", 3), ("id no ", 3), ("pi", 0), ("pin1", 0)] {
            assert_eq!(key.value_start(text.as_bytes(), 0), expected, "{text:?}");
        }
    }

    #[test]
    fn a_group_that_may_be_missing_or_empty_tells_nothing() {
        for pattern in
            [r"key(?<value>\d)?x", r"key(?<value>\d?)x", r"key(?<value>\d)|\d{4}", r"(?<value>\d{4})x", "key"]
        {
            assert!(lead(&[pattern]).is_none(), "{pattern}");
        }
    }
}
