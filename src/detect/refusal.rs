//! What a validator refuses before its rule is walked. At rows of digits with single spaces or marks between them many rules
//! match from every digit, and nine of ten of those matches fail their checksum; it costs less to look there first.

use super::values::{parts_of_value, ranges};
use crate::pack::Rule;
use regex_syntax::hir::{Hir, HirKind};
use std::str;

/// Most letters and digits of a value that is looked at.
const MOST: usize = 20;

/// A rule with separators of which every value begins with the first digit of its match and holds a known number of letters
/// and digits, and of which a refused match counts for nothing.
pub(super) struct Refusal {
    check: fn(&str) -> bool,
    /// How many letters and digits values hold, a bit for each number.
    counts: u32,
    /// Kinds of gaps that are separators, see [`gap_kind`].
    separators: u8,
}

impl Refusal {
    /// `None` if the rule is not such.
    pub fn new(rule: &Rule, patterns: &[Hir]) -> Option<Refusal> {
        let check = rule.validator.filter(|_| rule.ladder.pattern.is_none())?.check;
        let kinds = rule.separators.bytes().map(gap_kind);
        let separators = kinds.clone().fold(0, |all, kind| all | kind);
        let mut counts = 0;
        for pattern in patterns {
            counts |= counts_of(&Hir::concat(parts_of_value(pattern)?.to_vec()))?;
        }
        let fits = separators != 0 && kinds.clone().all(|kind| kind != 0) && counts >> MOST <= 1;
        fits.then_some(Refusal { check, counts, separators })
    }

    /// Whether no match of which the value begins where `row` does can pass.
    pub fn holds(&self, row: &Row) -> bool {
        // Of a value that is longer than the row nothing is known.
        if self.counts >> row.length > 1 {
            return false;
        }
        let mut counts = self.counts;
        while counts != 0 {
            let count = counts.trailing_zeros() as usize;
            counts &= counts - 1;
            let gaps = row.gaps[count.saturating_sub(1)];
            let passes = || str::from_utf8(&row.alnums[..count]).is_ok_and(self.check);
            if gaps & !self.separators == 0 && passes() {
                return false;
            }
        }
        true
    }
}

/// A bit for each byte that may stand between the letters and digits of a row; zero for all others.
fn gap_kind(byte: u8) -> u8 {
    match byte {
        b' ' => 1,
        b'-' => 2,
        b'.' => 4,
        b'/' => 8,
        _ => 0,
    }
}

/// How many letters and digits may stand in a match of an expression, a bit for each number up to 31; `None` for more, and if
/// it holds anything else.
fn counts_of(hir: &Hir) -> Option<u32> {
    let joined = |a: u32, b: u32| {
        let sums = (0..32).filter(|n| b >> n & 1 != 0).map(|n| u64::from(a) << n).fold(0, |all, sums| all | sums);
        u32::try_from(sums).ok()
    };
    let is_alnum = |c: u32| u8::try_from(c).is_ok_and(|byte| byte.is_ascii_alphanumeric());
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(1),
        HirKind::Literal(literal) => {
            let fits = literal.0.len() < 32 && literal.0.iter().all(u8::is_ascii_alphanumeric);
            fits.then(|| 1 << literal.0.len())
        }
        HirKind::Class(class) => ranges(class).iter().all(|(low, high)| (*low..=*high).all(is_alnum)).then_some(0b10),
        HirKind::Repetition(repetition) => {
            let (own, most) = (counts_of(&repetition.sub)?, repetition.max?);
            let (mut counts, mut all) = (1, 0);
            for times in 1..=most {
                all |= if times > repetition.min { counts } else { 0 };
                counts = joined(counts, own)?;
            }
            Some(all | counts)
        }
        HirKind::Capture(group) => counts_of(&group.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(1, |all, part| joined(all, counts_of(part)?)),
        HirKind::Alternation(parts) => parts.iter().try_fold(0, |all, part| Some(all | counts_of(part)?)),
    }
}

/// Letters and digits from one digit on, with at most one gap between any two.
pub(super) struct Row {
    pub start: usize,
    length: usize,
    alnums: [u8; MOST],
    /// The kinds of gaps up to each.
    gaps: [u8; MOST],
}

impl Default for Row {
    fn default() -> Row {
        Row { start: usize::MAX, length: 0, alnums: [0; MOST], gaps: [0; MOST] }
    }
}

impl Row {
    /// Reads the row from the digit at `start` on. Returns how many bytes were read.
    pub fn read(&mut self, bytes: &[u8], start: usize) -> usize {
        (self.start, self.length) = (start, 0);
        let (mut gaps, mut after_gap) = (0, false);
        for (read, byte) in bytes[start..].iter().enumerate() {
            if byte.is_ascii_alphanumeric() {
                self.alnums[self.length] = *byte;
                self.gaps[self.length] = gaps;
                self.length += 1;
                after_gap = false;
            } else {
                let kind = gap_kind(*byte);
                if kind == 0 || after_gap {
                    return read + 1;
                }
                gaps |= kind;
                after_gap = true;
            }
            if self.length == MOST {
                return read + 1;
            }
        }
        bytes.len() - start
    }
}

#[cfg(test)]
mod tests {
    use super::super::agreement::{BARE, rule};
    use super::super::pattern::Patterns;
    use super::*;

    fn refusal(separators: &str, patterns: &[&str]) -> Option<Refusal> {
        let mut rule = Rule { separators: separators.into(), validator: Some(&BARE), ..rule("r", patterns) };
        rule.ladder.pattern = None;
        let read = Patterns::read(&rule).expect("patterns of this test");
        Refusal::new(&rule, &read.hirs)
    }

    #[test]
    fn rules_of_which_the_length_is_known() {
        let counts = |separators: &str, pattern: &str| refusal(separators, &[pattern]).map(|refusal| refusal.counts);
        assert_eq!(counts(" ", r"\b\d{4}\b"), Some(1 << 4));
        assert_eq!(counts(" ", r"\b\d{4}(?:[A-Z]\d{0,2})?[0-9X]\b"), Some(1 << 5 | 1 << 6 | 1 << 7 | 1 << 8));
        assert_eq!(counts("-/", r"(?:^|[^0-9a-z])(?<value>\d{2}12|3)\b"), Some(1 << 1 | 1 << 4));
        assert_eq!(counts(".", r"\b\d{20}\b"), Some(1 << 20));
        for (separators, pattern) in [
            ("", r"\d{4}"),
            ("–", r"\d{4}"),
            (" ", r"\d{2}-\d"),
            (" ", r"\d{21}"),
            (" ", r"\d{35}"),
            (" ", r"[A-Z]\d"),
            (" ", r"x(?<value>\d)y"),
        ] {
            assert_eq!(counts(separators, pattern), None, "{pattern}");
        }
    }

    #[test]
    fn refused_is_what_no_match_can_pass() {
        let refusal = refusal("-", &[r"\b\d{4}\b", r"\b\d{5}\b"]).expect("the length is known");
        let holds = |text: &str| {
            let mut row = Row::default();
            row.read(text.as_bytes(), 0);
            refusal.holds(&row)
        };
        // The validator does not take a 7 at the end.
        assert!(holds("1-2-3-7-7") && holds("123-7 7") && holds("12 345 7") && holds("12377 8"));
        assert!(!holds("1-2-3-4-7") && !holds("123-7-5"), "one of the two lengths passes");
        assert!(!holds("1-2-3-7") && !holds("123-7:7") && !holds("1--2345"), "the row ends before the longer value");
    }
}
