//! The rules in terms that every matcher understands: regular expressions over bytes.
//!
//! Separators are written into the expression: one may stand before each character that can be a letter or digit, but the
//! first. That allows a little more than the rule does (a separator also next to a character that turns out to be none), and
//! so do classes such as `[^0-9]`, which take every character that is not ASCII; verification takes it back.

use portcullis::detect::peers;
use portcullis::pack::Rule;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicodeRange, Hir, HirKind, Look, Repetition};
use regex_syntax::utf8::Utf8Sequences;
use std::fmt::Write;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// One pattern of a rule.
pub struct Expression {
    pub rule: u32,
    pub hir: Hir,
    /// Length of its matches.
    #[cfg_attr(not(feature = "hyperscan"), expect(dead_code, reason = "only Hyperscan tells ends without starts"))]
    pub width: RangeInclusive<usize>,
}

/// Every pattern of the rules.
pub fn of(rules: &[Arc<Rule>]) -> Vec<Expression> {
    let mut expressions = Vec::new();
    for (index, rule) in rules.iter().enumerate() {
        for hir in peers::expressions(rule).expect("the engine has compiled the rule") {
            let separators: Vec<Hir> =
                rule.separators.chars().map(|c| Hir::literal(c.to_string().into_bytes())).collect();
            let separator = (!separators.is_empty()).then(|| optional(Hir::alternation(separators)));
            let hir = with_separators(&hir, separator.as_ref(), &mut true);
            let width = |bound: Option<usize>| bound.expect("patterns are bounded");
            let width = width(hir.properties().minimum_len())..=width(hir.properties().maximum_len());
            expressions.push(Expression { rule: index as u32, hir, width });
        }
    }
    expressions
}

fn optional(sub: Hir) -> Hir {
    Hir::repetition(Repetition { min: 0, max: Some(1), greedy: true, sub: Box::new(sub) })
}

/// The expression without groups, and with separators. `first` says whether nothing can stand before it in a match, and is
/// updated for what follows.
fn with_separators(hir: &Hir, separator: Option<&Hir>, first: &mut bool) -> Hir {
    let mut one = |character: Hir, alphanumeric: bool| {
        let begins = std::mem::replace(first, false);
        match separator {
            Some(separator) if alphanumeric && !begins => Hir::concat(vec![separator.clone(), character]),
            _ => character,
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => {
            Hir::concat(literal.0.iter().map(|b| one(Hir::literal([*b]), b.is_ascii_alphanumeric())).collect())
        }
        HirKind::Class(class) => one(loosened(class), class_holds_alphanumeric(class)),
        HirKind::Capture(capture) => with_separators(&capture.sub, separator, first),
        HirKind::Concat(parts) => {
            Hir::concat(parts.iter().map(|part| with_separators(part, separator, first)).collect())
        }
        HirKind::Alternation(parts) => {
            let begins = *first;
            let parts = parts.iter().map(|part| {
                let mut own = begins;
                let part = with_separators(part, separator, &mut own);
                *first &= own;
                part
            });
            Hir::alternation(parts.collect::<Vec<_>>())
        }
        HirKind::Repetition(r) => {
            let repeat = |sub: Hir, min: u32, max: Option<u32>| {
                Hir::repetition(Repetition { min, max, greedy: r.greedy, sub: Box::new(sub) })
            };
            if separator.is_none() || !*first {
                *first = false;
                return repeat(with_separators(&r.sub, separator, &mut false), r.min, r.max);
            }
            // The first round may begin the match, the others do not.
            let begin = with_separators(&r.sub, separator, &mut true);
            let more = with_separators(&r.sub, separator, &mut false);
            let rounds = Hir::concat(vec![begin, repeat(more, r.min.max(1) - 1, r.max.map(|max| max.max(1) - 1))]);
            *first = false;
            if r.min == 0 { optional(rounds) } else { rounds }
        }
    }
}

fn class_holds_alphanumeric(class: &Class) -> bool {
    let alphanumeric = |start: u32, end: u32| (start..=end.min(0x7F)).any(|c| (c as u8).is_ascii_alphanumeric());
    match class {
        Class::Bytes(class) => class.iter().any(|r| alphanumeric(r.start().into(), r.end().into())),
        Class::Unicode(class) => class.iter().any(|r| alphanumeric(r.start().into(), r.end().into())),
    }
}

/// A class that leaves out a few characters of thousands takes any that is not ASCII: that is far smaller over bytes.
fn loosened(class: &Class) -> Hir {
    const MANY: u32 = 4096;
    let Class::Unicode(characters) = class else { return Hir::class(class.clone()) };
    let beyond_ascii = |r: &ClassUnicodeRange| u32::from(r.end()).saturating_sub(u32::from(r.start()).max(0x7F));
    if characters.iter().map(beyond_ascii).sum::<u32>() < MANY {
        return Hir::class(class.clone());
    }
    let bytes = |start, end| Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(start, end)])));
    let ascii = characters.iter().filter(|r| r.start().is_ascii());
    let ascii = ascii.map(|r| bytes(r.start() as u8, u32::from(r.end()).min(0x7F) as u8));
    let more = Repetition { min: 1, max: Some(3), greedy: true, sub: Box::new(bytes(0x80, 0xBF)) };
    let other = Hir::concat(vec![bytes(0xC2, 0xF4), Hir::repetition(more)]);
    Hir::alternation(ascii.chain([other]).collect())
}

impl Expression {
    /// The expression written out, the same for PCRE and for the `regex` crate with Unicode off.
    pub fn text(&self) -> String {
        let mut text = String::new();
        write(&self.hir, &mut text);
        text
    }
}

fn write_byte(byte: u8, text: &mut String) {
    write!(text, "\\x{byte:02X}").expect("writing to a string does not fail");
}

fn write_class(ranges: impl IntoIterator<Item = (u8, u8)>, text: &mut String) {
    text.push('[');
    for (start, end) in ranges {
        write_byte(start, text);
        text.push('-');
        write_byte(end, text);
    }
    text.push(']');
}

fn write(hir: &Hir, text: &mut String) {
    match hir.kind() {
        HirKind::Empty => text.push_str("(?:)"),
        HirKind::Literal(literal) => literal.0.iter().for_each(|b| write_byte(*b, text)),
        HirKind::Class(Class::Bytes(class)) => {
            write_class(class.iter().map(|range| (range.start(), range.end())), text);
        }
        HirKind::Class(Class::Unicode(class)) => {
            let sequences = class.iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
            for (i, sequence) in sequences.enumerate() {
                text.push_str(if i == 0 { "(?:" } else { "|" });
                sequence.as_slice().iter().for_each(|range| write_class([(range.start, range.end)], text));
            }
            text.push(')');
        }
        HirKind::Capture(_) => unreachable!("`with_separators` leaves none"),
        HirKind::Look(look) => text.push_str(match look {
            Look::Start => r"\A",
            Look::End => r"\z",
            Look::StartLF => "(?m:^)",
            Look::EndLF => "(?m:$)",
            Look::WordAscii => r"\b",
            Look::WordAsciiNegate => r"\B",
            _ => unreachable!("the engine knows no other look-around"),
        }),
        HirKind::Repetition(r) => {
            text.push_str("(?:");
            write(&r.sub, text);
            let max = r.max.expect("patterns are bounded");
            write!(text, "){{{},{max}}}{}", r.min, if r.greedy { "" } else { "?" })
                .expect("writing to a string does not fail");
        }
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, text)),
        HirKind::Alternation(parts) => {
            for (i, part) in parts.iter().enumerate() {
                text.push_str(if i == 0 { "(?:" } else { "|" });
                write(part, text);
            }
            text.push(')');
        }
    }
}
