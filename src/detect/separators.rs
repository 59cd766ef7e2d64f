//! Separators: between any two consecutive characters of a match that are both ASCII letters or digits, one separator may stand.
//!
//! This is done on the automaton rather than on the text of the pattern, so it holds for every pattern: each state is kept
//! twice, once for "the last character was a letter or digit" and once for "it was not". Where the former may go on with a
//! letter or digit, it may also take a separator first; the pattern's own way has priority.

use regex_automata::nfa::thompson::{BuildError, Builder, NFA, State, Transition};
use regex_automata::util::primitives::StateID;
use std::borrow::Cow;

/// The automaton of `nfa` (one pattern, anchored) with separators allowed.
pub(super) fn allow(nfa: &NFA, separators: &[char]) -> Result<NFA, Box<BuildError>> {
    let mut builder = Builder::new();
    builder.set_look_matcher(nfa.look_matcher().clone());
    builder.set_size_limit(Some(super::pattern::AUTOMATON_LIMIT))?;
    builder.start_pattern()?;
    let mut doors = Vec::with_capacity(nfa.states().len() * 2);
    for _ in 0..nfa.states().len() * 2 {
        doors.push(builder.add_empty()?);
    }
    let door = |state: StateID, after_alnum: bool| doors[state.as_usize() * 2 + usize::from(after_alnum)];
    for (index, state) in nfa.states().iter().enumerate() {
        for after_alnum in [false, true] {
            let to = |next: StateID| door(next, after_alnum);
            let built = match state {
                State::ByteRange { trans } => consume(&mut builder, &[*trans], after_alnum, &door, separators)?,
                State::Sparse(sparse) => consume(&mut builder, &sparse.transitions, after_alnum, &door, separators)?,
                State::Dense(dense) => {
                    let all: Vec<Transition> = (0..=255u8)
                        .filter_map(|b| dense.matches_byte(b).map(|next| Transition { start: b, end: b, next }))
                        .collect();
                    consume(&mut builder, &all, after_alnum, &door, separators)?
                }
                State::Look { look, next } => builder.add_look(to(*next), *look)?,
                State::Union { alternates } => builder.add_union(alternates.iter().map(|a| to(*a)).collect())?,
                State::BinaryUnion { alt1, alt2 } => builder.add_union(vec![to(*alt1), to(*alt2)])?,
                State::Capture { next, group_index, slot, .. } if slot.as_usize() % 2 == 0 => {
                    builder.add_capture_start(to(*next), group_index.as_u32(), None)?
                }
                State::Capture { next, group_index, .. } => builder.add_capture_end(to(*next), group_index.as_u32())?,
                State::Fail => builder.add_fail()?,
                State::Match { .. } => builder.add_match()?,
            };
            builder.patch(doors[index * 2 + usize::from(after_alnum)], built)?;
        }
    }
    let start = door(nfa.start_anchored(), false);
    builder.finish_pattern(start)?;
    Ok(builder.build(start, start)?)
}

/// A state that takes one byte of `transitions`, after a separator too where that is allowed.
fn consume(
    builder: &mut Builder,
    transitions: &[Transition],
    after_alnum: bool,
    door: &impl Fn(StateID, bool) -> StateID,
    separators: &[char],
) -> Result<StateID, Box<BuildError>> {
    let (mut own, mut alnum) = (Vec::new(), Vec::new());
    for t in transitions {
        // The byte ranges between which "is a letter or digit" changes.
        for (low, high, is_alnum) in [
            (0, b'0' - 1, false),
            (b'0', b'9', true),
            (b'9' + 1, b'A' - 1, false),
            (b'A', b'Z', true),
            (b'Z' + 1, b'a' - 1, false),
            (b'a', b'z', true),
            (b'z' + 1, 0xFF, false),
        ] {
            let (start, end) = (t.start.max(low), t.end.min(high));
            if start <= end {
                let part = Transition { start, end, next: door(t.next, is_alnum) };
                own.push(part);
                if is_alnum {
                    alnum.push(part);
                }
            }
        }
    }
    let own = builder.add_sparse(own)?;
    if !after_alnum || alnum.is_empty() {
        return Ok(own);
    }
    let after = builder.add_sparse(alnum)?;
    let mut ways = vec![own];
    for c in separators {
        let mut next = after;
        for byte in c.encode_utf8(&mut [0; 4]).bytes().rev() {
            next = builder.add_range(Transition { start: byte, end: byte, next })?;
        }
        ways.push(next);
    }
    Ok(builder.add_union(ways)?)
}

/// The value without its separators, as validators and fingerprints want it.
pub(super) fn remove<'v>(value: &'v str, separators: &str) -> Cow<'v, str> {
    if separators.is_empty() || !value.contains(|c| separators.contains(c)) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.chars().filter(|c| !separators.contains(*c)).collect())
}

/// As [`remove`], into memory that is reused.
pub(super) fn remove_into(value: &str, separators: &str, out: &mut String) {
    if !separators.is_ascii() {
        out.clear();
        out.extend(value.chars().filter(|c| !separators.contains(*c)));
        return;
    }
    let mut bytes = std::mem::take(out).into_bytes();
    bytes.clear();
    bytes.extend(value.bytes().filter(|byte| !separators.bytes().any(|separator| separator == *byte)));
    *out = String::from_utf8(bytes).expect("without some ASCII characters it is text still");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex_automata::nfa::thompson::{Compiler, pikevm::PikeVM};
    use regex_automata::{Anchored, Input};

    fn plain(pattern: &str) -> NFA {
        Compiler::new().build_from_hir(&super::super::pattern::read_one(pattern).expect(pattern)).expect(pattern)
    }

    fn matches_whole(nfa: NFA, text: &str) -> bool {
        let vm = PikeVM::new_from_nfa(nfa).expect("a valid automaton");
        // `\z` is not in the automaton, so compare the end; the patterns below prefer long matches.
        let input = Input::new(text).anchored(Anchored::Yes);
        vm.find_iter(&mut vm.create_cache(), input).next().is_some_and(|m| m.end() == text.len())
    }

    #[test]
    fn between_letters_and_digits_only() {
        let spaced =
            |pattern: &str, text: &str| matches_whole(allow(&plain(pattern), &[' ', '-', '–']).expect(pattern), text);
        assert!(spaced(r"\d{4}", "1234") && spaced(r"\d{4}", "1 2-3–4"));
        assert!(!spaced(r"\d{4}", "1  234") && !spaced(r"\d{4}", " 1234") && !spaced(r"\d{3}", "123 "));
        assert!(
            spaced(r"[A-Z]{2}\d{2}", "DE 12") && spaced(r"(?:DE)?\d{2}", "DE 12") && spaced(r"(?:DE)?\d{2}", "1-2")
        );
        assert!(spaced(r"A\+\d", "A+1") && !spaced(r"A\+\d", "A+ 1") && !spaced(r"A\+\d", "A +1"));
        assert!(
            spaced(r"[A-Z0-9-]{3}", "A--")
                && !spaced(r"[A-Z0-9-]{3}", "A- -")
                && spaced(r"[A-Z0-9-]{3}", "A -B".replace(' ', "").as_str())
        );
    }

    proptest! {
        /// Against the definition: remove every separator that stands between two letters or digits, each alone.
        #[test]
        fn as_defined(text in "[A-C0-2 -]{1,9}") {
            for pattern in [r"[A-C]{1,2}\d{2,4}", r"(?:A|\d)(?:B-?|\d\d){1,3}", r"\d{1,3}-?[A-C0-9]{1,4}", r"(?:[A-C]\d?){1,4}"] {
                let spaced = matches_whole(allow(&plain(pattern), &[' ']).expect(pattern), &text);
                let b = text.as_bytes();
                let removable: Vec<usize> = (1..b.len().saturating_sub(1))
                    .filter(|&i| b[i] == b' ' && b[i - 1].is_ascii_alphanumeric() && b[i + 1].is_ascii_alphanumeric())
                    .collect();
                let without: String =
                    text.char_indices().filter(|(i, _)| !removable.contains(i)).map(|(_, c)| c).collect();
                prop_assert_eq!(spaced, matches_whole(plain(pattern), &without), "{}", pattern);
            }
        }
    }

    #[test]
    fn removed() {
        assert_eq!(remove("12 34-5", " -"), "12345");
        assert!(matches!(remove("12345", " -"), Cow::Borrowed("12345")));
        let mut out = "old".to_owned();
        for (value, separators) in [("12 34-5é", " -"), ("12–34 5", " –"), ("", " ")] {
            remove_into(value, separators, &mut out);
            assert_eq!(out, remove(value, separators));
        }
    }
}
