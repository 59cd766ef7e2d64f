//! Latches: values too long to be held back. The pattern of a rule with `until` finds how such a value begins; from there
//! the value goes on to the end of the first match of `until`, the end of the text, or its greatest length.

use super::machine::{LIMIT, Machine, Walk};
use super::pattern::{PatternError, Patterns, read_one, too_large};
use super::sweep::before;
use crate::pack::Rule;

/// How the values of a rule end.
pub(super) struct Terminator {
    machine: Machine,
    /// Most bytes of a value.
    longest: usize,
}

impl Terminator {
    /// `None` if the rule has no `until`.
    pub fn new(rule: &Rule, patterns: &Patterns) -> Result<Option<Terminator>, PatternError> {
        let Some(until) = &rule.until else { return Ok(None) };
        // `until` is counted after the patterns.
        let pattern = rule.patterns.len();
        let hir = read_one(&until.pattern).map_err(|(message, help)| PatternError {
            pattern,
            message: format!("in `until`, {message}"),
            help,
        })?;
        let nfa = patterns.nfa_of(vec![hir])?;
        let machine = Machine::build(&nfa, LIMIT).map_err(|_| too_large(pattern))?;
        Ok(Some(Terminator { machine, longest: until.longest }))
    }

    /// Size in bytes.
    pub fn memory(&self) -> usize {
        self.machine.memory()
    }
}

/// A value of a rule with `until`, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Latch {
    pub rule: u32,
    /// Where the value begins.
    pub start: usize,
    /// The value reaches to here; while it is `open`, at least.
    pub reach: usize,
    /// Later text can lengthen it.
    pub open: bool,
}

impl Latch {
    /// Looks on for the end in `text`, which begins at `base`; with `ended`, nothing comes after it.
    ///
    /// Each place is looked at once, or until what begins there is decided: the work is that of one rule.
    pub fn advance(&mut self, terminator: &Terminator, text: &str, base: usize, ended: bool) {
        let bytes = text.as_bytes();
        let greatest = self.start + terminator.longest - base;
        let last = bytes.len().min(greatest);
        let mut at = self.reach - base;
        let end = loop {
            if at >= last {
                break (ended || last == greatest).then_some(last);
            }
            match terminator.machine.walk(bytes, at, before(bytes, at), ended, &mut 0) {
                Walk::Nothing => at += 1,
                Walk::Match(end) => break Some(end.min(greatest)),
                Walk::Undecided => break None,
            }
        };
        self.open = end.is_none();
        self.reach = base + end.map_or(at, |end| boundary(text, end));
    }
}

/// The last character boundary up to `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).expect("a text begins at a boundary")
}

#[cfg(test)]
mod tests {
    use super::super::agreement::rule;
    use super::*;
    use crate::pack::Until;

    #[test]
    fn a_value_ends_with_the_first_terminator_or_the_text_or_its_greatest_length() {
        let until = Some(Until { pattern: "END|é!".into(), longest: 9 });
        let rule = Rule { until, ..rule("block", &["BEGIN"]) };
        let patterns = Patterns::read(&rule).expect("a pattern of this test");
        let terminator = Terminator::new(&rule, &patterns).expect("it compiles").expect("the rule has it");
        let reach = |text: &str, ended: bool| {
            let mut latch = Latch { rule: 0, start: 1, reach: 2, open: true };
            latch.advance(&terminator, text, 0, ended);
            (latch.reach, latch.open)
        };
        assert_eq!(reach(" Babc", false), (5, true));
        assert_eq!(reach(" Babc", true), (5, false));
        assert_eq!(reach(" BabcEN", false), (5, true), "the terminator may be cut");
        assert_eq!(reach(" BabcEND END", false), (8, false));
        assert_eq!(reach(" B23456789", false), (10, false), "full");
        assert_eq!(reach(" B23456EN", false), (7, true));
        assert_eq!(reach(" B23456EN", true), (9, false));
        assert_eq!(reach(" B234567END", true), (10, false), "the terminator lies beyond");
        assert_eq!(reach(" B23456éé", true), (9, false), "no half characters");
    }
}
