//! Gates: for each rule the cheap sign in the text without which the rule is not tried.
//!
//! A gate is derived from the rule's automaton, so it is a consequence of the rule and never a second description of it:
//! every match contains the sign, at a known distance from its start. A rule without any such sign would have to be tried
//! at every byte of every text and is refused.

use super::machine::{Before, Machine, Step};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

/// Most four-byte grams one rule may put into the common table (of [`super::tables::GRAM_BITS`] bits).
const MAX_GRAMS: usize = 4096;

/// Most bytes between the start of a match and its first digit.
const MAX_DIGIT_OFFSET: usize = 24;

/// Bytes between digits over which they still count as one number: separators, brackets, a country letter.
pub(super) const MAX_DIGIT_GAP: usize = 2;

/// How a rule is found.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// A match begins with one of these four bytes (folded by [`fold`]).
    Prefix { grams: Vec<u32> },
    /// A match holds one of these words (folded grams of their first four bytes), so many bytes after its start.
    Word { grams: Vec<u32>, words: Vec<Vec<u8>>, offset: RangeInclusive<usize> },
    /// A match holds this byte, first so many bytes after its start, and only bytes of `before` in front of it.
    Byte { byte: u8, offset: RangeInclusive<usize>, before: ByteSet },
    /// The first digit of a match stands so many bytes after its start; at least `digits` follow in a row, where gaps of up
    /// to [`MAX_DIGIT_GAP`] bytes of that kind do not count. Only bytes of `before` stand in front of it. `whole`: it never
    /// follows a digit.
    Digits { offset: RangeInclusive<usize>, before: ByteSet, digits: usize, gaps: Gaps, whole: bool },
    /// A match begins with a run of at least `least` such characters.
    Run { of: RunOf, least: usize },
}

impl Gate {
    /// Why this sign and no other.
    pub fn why(&self) -> &'static str {
        match self {
            Gate::Prefix { .. } => "few texts hold these beginnings",
            Gate::Word { .. } => "the rarest thing that every match holds is a word",
            Gate::Byte { .. } => "the rarest thing that every match holds is this character",
            Gate::Digits { offset, .. } if *offset.end() == 0 => "every match begins with a digit",
            Gate::Digits { .. } => "no word or character in every match is rarer than digits in a row",
            Gate::Run { .. } => "no word or character is in every match, and such runs are rare",
        }
    }
}

/// What may stand between the digits of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Gaps {
    /// Spaces and hyphens.
    Narrow,
    /// Also `. / ( )`.
    Wide,
    #[default]
    Any,
}

impl Gaps {
    #[inline]
    pub(super) fn contain(self, byte: u8) -> bool {
        match self {
            Gaps::Narrow => matches!(byte, b' ' | b'-'),
            Gaps::Wide => matches!(byte, b' ' | b'-' | b'.' | b'/' | b'(' | b')'),
            Gaps::Any => true,
        }
    }

    /// The narrowest kind of which all gaps of the rule are.
    fn of(machine: &Machine, alphabet: &[u8]) -> Gaps {
        let mut seen = vec![[false; 2]; machine.states()];
        let mut states: Vec<(Step, bool)> = machine.all_starts().into_iter().map(|start| (start, false)).collect();
        let mut gaps = Gaps::Narrow;
        while let Some((state, in_number)) = states.pop() {
            for byte in alphabet {
                let step = machine.next(state, *byte);
                if !step.alive() {
                    continue;
                }
                if in_number && !byte.is_ascii_digit() {
                    let all = (0..=255).filter(|b| machine.alike(*b, *byte) && !b.is_ascii_digit());
                    let kind = |b: u8| [Gaps::Narrow, Gaps::Wide, Gaps::Any].into_iter().find(|kind| kind.contain(b));
                    gaps = all.filter_map(kind).fold(gaps, Gaps::max);
                }
                let in_number = in_number || byte.is_ascii_digit();
                if !std::mem::replace(&mut seen[machine.index(step)][usize::from(in_number)], true) {
                    states.push((step.state(), in_number));
                }
            }
        }
        gaps
    }
}

/// Characters of which long runs are rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOf {
    /// Letters, digits and `+ / = _ - .`
    Token,
    /// Capital letters, digits and `- . /`
    Capitals,
}

impl RunOf {
    pub(super) fn contains(self, byte: u8) -> bool {
        match self {
            RunOf::Token => byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte),
            RunOf::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-./".contains(&byte),
        }
    }
    /// The shortest run that the sweep notices; see [`super::sweep`].
    pub(super) const fn least(self) -> usize {
        match self {
            RunOf::Token => 15,
            RunOf::Capitals => 5,
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = |f: &mut fmt::Formatter<'_>, o: &RangeInclusive<usize>| match (o.start(), o.end()) {
            (0, 0) => write!(f, "at its start"),
            (a, b) if a == b => write!(f, "{a} bytes after its start"),
            (a, b) => write!(f, "{a} to {b} bytes after its start"),
        };
        match self {
            Gate::Prefix { grams } => {
                write!(f, "begins with one of {} four-byte grams", grams.len())?;
                if let [first, ..] = grams[..] {
                    write!(f, ", as `{}`", first.to_le_bytes().escape_ascii())?;
                }
                Ok(())
            }
            Gate::Word { words, offset: o, .. } => {
                let mut words: Vec<_> = words.iter().map(|w| String::from_utf8_lossy(w).to_lowercase()).collect();
                words.sort_unstable();
                words.dedup();
                write!(f, "holds `{}`, ", words.join("` or `"))?;
                offset(f, o)
            }
            Gate::Byte { byte, offset: o, .. } => {
                write!(f, "holds `{}`, ", byte.escape_ascii())?;
                offset(f, o)
            }
            Gate::Digits { offset: o, digits, whole, .. } => {
                write!(f, "{} digits, the first ", digits)?;
                offset(f, o)?;
                if *whole { Ok(()) } else { write!(f, ", also inside a longer number") }
            }
            Gate::Run { of: RunOf::Token, least } => write!(f, "begins with a token of {least} characters"),
            Gate::Run { of: RunOf::Capitals, least } => write!(f, "begins with {least} capitals or digits"),
        }
    }
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) fn of(bytes: impl IntoIterator<Item = u8>) -> ByteSet {
        let mut set = ByteSet::default();
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }
    pub(super) fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }
    pub(super) fn extend(&mut self, other: &ByteSet) {
        self.0.iter_mut().zip(other.0).for_each(|(own, other)| *own |= other);
    }
    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

/// Four bytes as a gram: letters lose their case (and some other bytes are thrown together, which only costs a look).
pub(super) fn fold(gram: u32) -> u32 {
    gram | 0x2020_2020
}

/// The cheapest gate of a rule or pattern; `plain` is its expression if it is searched as written (no separators).
pub(super) fn choose(machine: &Machine, plain: Option<&Hir>) -> Option<Gate> {
    let alphabet = machine.alphabet(sort);
    /// Of what opens less often than once in a thousand bytes no better is sought.
    const GOOD: f64 = 1e-3;
    let digits = digits(machine, &alphabet);
    let prefix = prefix(machine);
    for cheap in [&digits, &prefix] {
        if let Some((gate, _)) = cheap.as_ref().filter(|(_, cost)| *cost < GOOD) {
            return Some(gate.clone());
        }
    }
    let by_cost = |(_, a): &(Gate, f64), (_, b): &(Gate, f64)| a.total_cmp(b);
    [
        prefix,
        plain.and_then(word),
        byte(machine, &alphabet),
        run(machine, &alphabet, RunOf::Token),
        run(machine, &alphabet, RunOf::Capitals),
        digits,
    ]
    .into_iter()
    .flatten()
    .min_by(by_cost)
    .map(|(gate, _)| gate)
}

/// Rough share of a byte in mixed text (prose, code, logs); only ratios matter, and only for the choice of a gate.
fn share(byte: u8) -> f64 {
    match byte {
        b' ' => 0.15,
        b'e' | b't' | b'a' | b'o' | b'n' | b'i' | b's' | b'r' => 0.06,
        b'a'..=b'z' => 0.02,
        b'0'..=b'9' => 0.015,
        b'\n' | b'.' | b',' | b'-' | b'"' | b'_' | b'/' | b':' => 0.01,
        b'A'..=b'Z' => 0.004,
        0x80..=0xFF => 0.003,
        _ => 0.002,
    }
}

fn share_of(grams: &[u32]) -> f64 {
    // A gram stands for all bytes that fold to it; a lower-case letter is the most frequent of them.
    // Where one space stands, often more do.
    let next = |before: u8, byte: u8| if before == b' ' && byte == b' ' { 0.5 } else { share(byte) };
    let of = |g: &u32| {
        let [a, b, c, d] = g.to_le_bytes();
        share(a) * next(a, b) * next(b, c) * next(c, d)
    };
    grams.iter().map(of).sum::<f64>() + grams.len() as f64 / (1u64 << super::tables::GRAM_BITS) as f64
}

fn prefix(machine: &Machine) -> Option<(Gate, f64)> {
    // Per column of the machine, one byte of it and the folded forms of all.
    let columns: Vec<(u8, Vec<u8>)> = machine
        .alphabet(|_| 0)
        .into_iter()
        .map(|byte| {
            let folded: BTreeSet<u8> = (0..=255).filter(|b| machine.alike(*b, byte)).map(|b| b | 0x20).collect();
            (byte, folded.into_iter().collect())
        })
        .collect();
    let mut grams = Vec::new();
    for start in machine.all_starts() {
        if count_grams(machine, &columns, start, 0) > MAX_GRAMS {
            return None;
        }
        collect_grams(machine, &columns, start, [b' '; 4], 0, &mut grams);
    }
    grams.sort_unstable();
    grams.dedup();
    let cost = share_of(&grams);
    Some((Gate::Prefix { grams }, cost))
}

/// An upper bound of the grams that [`collect_grams`] finds; huge if a match can end within the first two bytes.
fn count_grams(machine: &Machine, columns: &[(u8, Vec<u8>)], at: Step, length: usize) -> usize {
    let mut count = 0usize;
    for (byte, folded) in columns {
        let step = machine.next(at, *byte);
        let below = match (step.possible(), step.matched(), length) {
            (false, _, _) => 0,
            (true, _, 3) => 1,
            (true, true, _) => return usize::MAX,
            (true, false, _) => count_grams(machine, columns, step.state(), length + 1),
        };
        count = count.saturating_add(folded.len().saturating_mul(below));
        if count > MAX_GRAMS {
            break;
        }
    }
    count
}

fn collect_grams(
    machine: &Machine,
    columns: &[(u8, Vec<u8>)],
    at: Step,
    gram: [u8; 4],
    length: usize,
    grams: &mut Vec<u32>,
) {
    if machine.ends(at) {
        // A match that ends with the text: the sweep pads the last positions with spaces.
        grams.push(fold(u32::from_le_bytes(gram)));
    }
    for (byte, folded) in columns {
        let step = machine.next(at, *byte);
        if !step.possible() {
            continue;
        }
        for byte in folded {
            let mut gram = gram;
            gram[length] = *byte;
            if length == 3 {
                grams.push(fold(u32::from_le_bytes(gram)));
            } else {
                collect_grams(machine, columns, step.state(), gram, length + 1, grams);
            }
        }
    }
}

/// A word that every match holds after a first part of bounded length.
fn word(hir: &Hir) -> Option<(Gate, f64)> {
    if let HirKind::Alternation(branches) = hir.kind() {
        let (mut all_grams, mut all_words) = (Vec::new(), Vec::new());
        let (mut least, mut most) = (usize::MAX, 0);
        for branch in branches {
            let (Gate::Word { grams, words, offset }, _) = word(branch)? else { return None };
            all_grams.extend(grams);
            all_words.extend(words);
            (least, most) = (least.min(*offset.start()), most.max(*offset.end()));
        }
        return (!branches.is_empty()).then(|| word_gate(all_grams, all_words, least..=most));
    }
    let parts = flat(hir);
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(16).limit_repeat(8).limit_literal_len(8).limit_total(256);
    let (mut least, mut most) = (0, 0);
    let mut best: Option<(Gate, f64)> = None;
    for i in 0..parts.len() {
        let rest = extractor.extract(&Hir::concat(parts[i..].to_vec()));
        if let Some(literals) = rest.literals()
            && !literals.is_empty()
            && literals.iter().all(|l| l.len() >= 3)
        {
            let mut grams = Vec::new();
            for literal in literals {
                match *literal.as_bytes() {
                    [a, b, c, d, ..] => grams.push(fold(u32::from_le_bytes([a, b, c, d]))),
                    // A Chinese character alone, say: with whatever follows it.
                    [a, b, c] => grams.extend((0..=255).map(|d| fold(u32::from_le_bytes([a, b, c, d])))),
                    _ => unreachable!("literals are three bytes or more"),
                }
            }
            let words = literals.iter().map(|l| l.as_bytes().to_vec()).collect();
            let found = word_gate(grams, words, least..=most);
            if best.as_ref().is_none_or(|(_, cost)| found.1 < *cost) {
                best = Some(found);
            }
        }
        least += parts[i].properties().minimum_len()?;
        most += parts[i].properties().maximum_len()?;
    }
    best
}

fn word_gate(mut grams: Vec<u32>, mut words: Vec<Vec<u8>>, offset: RangeInclusive<usize>) -> (Gate, f64) {
    grams.sort_unstable();
    grams.dedup();
    words.sort_unstable();
    words.dedup();
    let starts = (offset.end() - offset.start() + 1) as f64;
    let cost = share_of(&grams) * (1.0 + starts.min(8.0));
    (Gate::Word { grams, words, offset }, cost)
}

/// The parts of a concatenation, groups opened.
fn flat(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flat).collect(),
        HirKind::Capture(capture) => flat(&capture.sub),
        _ => vec![hir.clone()],
    }
}

/// What gates tell bytes apart by.
fn sort(byte: u8) -> usize {
    usize::from(byte.is_ascii_digit())
        | usize::from(RunOf::Token.contains(byte)) << 1
        | usize::from(RunOf::Capitals.contains(byte)) << 2
}

/// The rarest byte, no letter or digit, that every match holds.
fn byte(machine: &Machine, alphabet: &[u8]) -> Option<(Gate, f64)> {
    (0x21..0x7F)
        // Where another byte does as well, none is needed.
        .filter(|b: &u8| !b.is_ascii_alphanumeric() && (0..=255).filter(|o| machine.alike(*b, *o)).count() == 1)
        .filter_map(|byte| {
            let (offset, before) = first_of(machine, alphabet, |b| b == byte, super::pattern::MAX_WIDTH)?;
            let starts = (offset.end() - offset.start() + 1) as f64;
            let cost = share(byte) * (1.0 + starts.min(8.0));
            let before = all_alike(machine, before, |b| b != byte);
            Some((Gate::Byte { byte, offset, before }, cost))
        })
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// The bytes that the machine treats like one of `some`, as far as `wanted`.
fn all_alike(machine: &Machine, some: BTreeSet<u8>, wanted: impl Fn(u8) -> bool) -> ByteSet {
    let mut set = ByteSet::default();
    for one in some {
        (0..=255).filter(|b| machine.alike(*b, one) && wanted(*b)).for_each(|b| set.insert(b));
    }
    set
}

/// If every match holds a byte that is `wanted`: how far from the start the first such stands, and which bytes of the
/// alphabet stand before it.
fn first_of(
    machine: &Machine,
    alphabet: &[u8],
    wanted: impl Fn(u8) -> bool,
    limit: usize,
) -> Option<(RangeInclusive<usize>, BTreeSet<u8>)> {
    let (mut least, mut most, mut before) = (None, 0, BTreeSet::new());
    let mut level = machine.all_starts();
    let mut seen_at = vec![usize::MAX; machine.states()];
    for depth in 0.. {
        let mut next = Vec::new();
        for state in &level {
            if machine.ends(*state) {
                return None;
            }
            for byte in alphabet {
                let step = machine.next(*state, *byte);
                if step.matched() {
                    return None;
                }
                if !step.alive() {
                    continue;
                }
                if wanted(*byte) {
                    least = least.or(Some(depth));
                    most = depth;
                } else {
                    before.insert(*byte);
                    if std::mem::replace(&mut seen_at[machine.index(step)], depth) != depth {
                        next.push(step.state());
                    }
                }
            }
        }
        if next.is_empty() {
            break;
        }
        if depth >= limit {
            return None;
        }
        level = next;
    }
    Some((least?..=most, before))
}

fn run(machine: &Machine, alphabet: &[u8], of: RunOf) -> Option<(Gate, f64)> {
    let mut level = machine.all_starts();
    let mut seen_at = vec![usize::MAX; machine.states()];
    let mut least = 0;
    loop {
        let mut next = Vec::new();
        let mut holds = true;
        for state in &level {
            holds &= !machine.ends(*state);
            for byte in alphabet {
                let step = machine.next(*state, *byte);
                holds &= !step.possible() || (of.contains(*byte) && !step.matched());
                if step.alive() && std::mem::replace(&mut seen_at[machine.index(step)], least) != least {
                    next.push(step.state());
                }
            }
        }
        if !holds || next.is_empty() {
            break;
        }
        least += 1;
        level = next;
    }
    let cost = match of {
        RunOf::Token => 0.005,
        RunOf::Capitals => 0.006,
    };
    (least >= of.least()).then_some((Gate::Run { of, least }, cost))
}

fn digits(machine: &Machine, alphabet: &[u8]) -> Option<(Gate, f64)> {
    let (offset, before) = first_of(machine, alphabet, |b| b.is_ascii_digit(), MAX_DIGIT_OFFSET)?;
    let before = all_alike(machine, before, |b| !b.is_ascii_digit());
    let after_digit = machine.start(Before::WordByte);
    let whole = *offset.start() > 0
        || !after_digit.alive()
        || (b'0'..=b'9').all(|digit| !machine.next(after_digit, digit).possible());
    let digits = fewest_digits(machine, alphabet);
    // Short numbers are everywhere, and each is walked at every place from which a match may have begun.
    let cost = 0.03 / (digits * digits) as f64 * (1.0 + *offset.end() as f64 / 8.0);
    Some((Gate::Digits { digits, gaps: Gaps::of(machine, alphabet), offset, before, whole }, cost))
}

/// The fewest digits a match has before a gap of more than [`MAX_DIGIT_GAP`] bytes or its end.
fn fewest_digits(machine: &Machine, alphabet: &[u8]) -> usize {
    const BEFORE_FIRST: usize = MAX_DIGIT_GAP + 1;
    // Breadth first by number of digits: states with the bytes since the last digit.
    let mut level: Vec<(Step, usize)> = machine.all_starts().into_iter().map(|s| (s, BEFORE_FIRST)).collect();
    let mut seen = vec![[false; BEFORE_FIRST + 1]; machine.states()];
    for digits in 0.. {
        let mut next = Vec::new();
        while let Some((state, gap)) = level.pop() {
            if std::mem::replace(&mut seen[machine.index(state)][gap], true) {
                continue;
            }
            if machine.ends(state) {
                return digits;
            }
            for byte in alphabet {
                let step = machine.next(state, *byte);
                if step.matched() {
                    return digits;
                }
                if !step.alive() {
                    continue;
                }
                if byte.is_ascii_digit() {
                    next.push((step.state(), 0));
                } else if gap == BEFORE_FIRST {
                    level.push((step.state(), gap));
                } else if gap == MAX_DIGIT_GAP {
                    return digits;
                } else {
                    level.push((step.state(), gap + 1));
                }
            }
        }
        if next.is_empty() {
            return digits;
        }
        level = next;
    }
    unreachable!("the level loop ends when no state is left")
}

#[cfg(test)]
mod tests {
    use super::super::pattern::read_one;
    use super::*;
    use regex_automata::nfa::thompson::Compiler;

    fn gate(pattern: &str) -> Option<String> {
        let hir = read_one(pattern).expect(pattern);
        let machine = Machine::build(&Compiler::new().build_from_hir(&hir).expect(pattern), 1 << 20).expect(pattern);
        choose(&machine, Some(&hir)).map(|g| g.to_string())
    }

    #[test]
    fn chosen_by_what_is_rare() {
        for (pattern, expected) in [
            (r"\b\d{3}-\d{2}-\d{4}\b", "9 digits, the first at its start"),
            (r"\d{16}", "16 digits, the first at its start, also inside a longer number"),
            (r"\b[A-Z]{1,2}\d{6}\b", "6 digits, the first 1 to 2 bytes after its start"),
            (r"\bsk-[a-z0-9]{20}\b", "begins with one of 36 four-byte grams, as `sk-0`"),
            (r"(?i)\bpassword: ?(?<value>\w{4,9})", "begins with one of 1 four-byte grams, as `pass`"),
            (r"\bABN", "begins with one of 128 four-byte grams, as `abn `"),
            (r"[a-z.]{1,64}@[a-z]{1,9}\.[a-z]{2,3}", "holds `@`, 1 to 64 bytes after its start"),
            (r"\b[a-z]{0,9}_?secret=[a-z]{9}", "holds `secret=`, 0 to 10 bytes after its start"),
            (r"\b[0-9a-f]{40}\b", "begins with a token of 40 characters"),
            (r"\b[A-Z]{6}[0-9A-Z]{2}\b", "begins with 8 capitals or digits"),
        ] {
            let found = gate(pattern);
            assert!(found.as_deref().is_some_and(|g| g.starts_with(expected)), "{pattern}: {found:?}");
        }
        assert_eq!(gate(r"\b[A-Z][a-z]{2,9} [A-Z][a-z]{2,9}\b"), None);
    }

    #[test]
    fn fewest_digits_of_a_number() {
        let digits = |pattern: &str| match gate(pattern) {
            Some(g) => g.split(' ').next().and_then(|n| n.parse::<usize>().ok()),
            None => None,
        };
        assert_eq!(digits(r"\b\d{4}(?:\d{2})?-?\d\b"), Some(5));
        assert_eq!(digits(r"\b\d{2}[a-z]{2}\d{3}\b"), Some(5));
        assert_eq!(digits(r"\b\d{2}[a-z]{3}\d{3}\b"), Some(2));
    }
}
