//! Patterns: the rule's regular expressions, read, checked and joined into one automaton description.
//!
//! Refused, each with a mend: what could match half a character, Unicode word boundaries, matches without a bound, matches
//! of nothing.

use super::{language, separators};
use crate::pack::Rule;
use regex_automata::nfa::thompson::{self, NFA};
use regex_syntax::ast::{self, Ast, Span};
use regex_syntax::hir::{self, Capture, Hir, HirKind, Look, LookSet};

/// The longest match of a rule, in bytes. A stream holds back no more than this for a rule's sake; longer things are found by
/// how they begin.
pub const MAX_WIDTH: usize = 512;

/// Bytes one rule's automata may take while they are built; a rule beyond it is refused.
pub(super) const AUTOMATON_LIMIT: usize = 8 << 20;

/// What is wrong with a pattern, and the mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatternError {
    pub pattern: usize,
    pub message: String,
    pub help: String,
}

/// The patterns of one rule.
#[derive(Debug)]
pub(super) struct Patterns {
    /// One expression per pattern; the only groups left are those named `value`, numbered from 1 over all patterns.
    pub hirs: Vec<Hir>,
    /// Number of groups named `value`.
    pub values: u32,
    separators: Vec<char>,
}

impl Patterns {
    pub fn read(rule: &Rule) -> Result<Self, PatternError> {
        let separators: Vec<char> = rule.separators.chars().collect();
        if let Some(c) = separators.iter().find(|c| c.is_alphanumeric()) {
            return Err(PatternError {
                pattern: 0,
                message: format!("`separators` holds the letter or digit `{c}`"),
                help: "list punctuation and spaces only".into(),
            });
        }
        let (mut hirs, mut values) = (Vec::new(), 0);
        for (pattern, source) in rule.patterns.iter().enumerate() {
            let hir = read_one(source)
                .map_err(|(message, help)| PatternError { pattern, message, help })
                .map(|hir| keep_values(&hir, &mut values))?;
            hirs.push(hir);
        }
        let (message, help) = match &rule.dictionary {
            None if hirs.is_empty() => ("the rule has no pattern", "add `pattern = '…'`"),
            Some(_) if !hirs.is_empty() => ("the rule has both patterns and a dictionary", "keep one of them"),
            Some(list) if list.entries().any(|entry| entry.len() > MAX_WIDTH) => {
                ("an entry of the rule's dictionary is longer than 512 bytes", "list only how it begins")
            }
            _ => return Ok(Self { hirs, values, separators }),
        };
        Err(PatternError { pattern: 0, message: message.into(), help: help.into() })
    }

    pub fn spaced(&self) -> bool {
        !self.separators.is_empty()
    }

    /// No match is longer, in bytes: every character might be followed by a separator.
    pub fn longest(&self) -> usize {
        let separator = self.separators.iter().map(|c| c.len_utf8()).max().unwrap_or(0);
        let own = self.hirs.iter().filter_map(|hir| hir.properties().maximum_len()).max().unwrap_or(0);
        own + own.saturating_sub(1) * separator
    }

    /// The rule as one anchored automaton: its patterns as alternatives in written order, separators allowed.
    pub fn nfa(&self) -> Result<NFA, PatternError> {
        let captures = match self.values {
            0 => thompson::WhichCaptures::None,
            _ => thompson::WhichCaptures::All,
        };
        self.build(Hir::alternation(self.hirs.clone()), 0, captures)
    }

    /// As [`Patterns::nfa`] for expressions made from these patterns.
    pub fn nfa_of(&self, hirs: Vec<Hir>) -> Result<NFA, PatternError> {
        self.build(Hir::alternation(hirs), 0, thompson::WhichCaptures::None)
    }

    /// One pattern alone, with its groups.
    pub fn pattern_nfa(&self, pattern: usize) -> Result<NFA, PatternError> {
        self.build(self.hirs[pattern].clone(), pattern, thompson::WhichCaptures::All)
    }

    fn build(&self, hir: Hir, pattern: usize, captures: thompson::WhichCaptures) -> Result<NFA, PatternError> {
        let nfa = thompson::Compiler::new()
            .configure(thompson::Config::new().which_captures(captures).nfa_size_limit(Some(AUTOMATON_LIMIT)))
            .build_from_hir(&hir)
            .map_err(|_| too_large(pattern))?;
        if !self.spaced() {
            return Ok(nfa);
        }
        separators::allow(&nfa, &self.separators).map_err(|_| too_large(pattern))
    }
}

pub(super) fn too_large(pattern: usize) -> PatternError {
    PatternError {
        pattern,
        message: format!("the rule needs more than {} MiB when compiled", AUTOMATON_LIMIT >> 20),
        help: "use smaller repetitions, or fewer that overlap each other".into(),
    }
}

/// Reads a pattern and checks that it is in the language.
pub(super) fn read_one(source: &str) -> Result<Hir, (String, String)> {
    let ast = language::parse(source).map_err(|e| {
        let help = match e.kind() {
            ast::ErrorKind::UnsupportedLookAround => "patterns have no look-around but `\\b`, `\\B`, `^` and `$`",
            ast::ErrorKind::UnsupportedBackreference => "patterns have no back-references",
            _ => "correct the regular expression: brackets come in pairs, and a sign that stands for itself is written with a backslash, as in `\\.` or `\\(`",
        };
        (format!("the pattern cannot be read at `{}`: {}", excerpt(source, e.span()), e.kind()), help.to_owned())
    })?;
    let hir =
        hir::translate::TranslatorBuilder::new().unicode(false).utf8(true).build().translate(source, &ast).map_err(
            |e| {
                let part = excerpt(source, e.span());
                match e.kind() {
                    hir::ErrorKind::InvalidUtf8 => {
                        (format!("`{part}` could match half a character"), "write characters, not their bytes".into())
                    }
                    kind => (
                        format!("the pattern cannot be read at `{part}`: {kind}"),
                        "correct the regular expression".into(),
                    ),
                }
            },
        )?;
    let allowed = [Look::Start, Look::End, Look::StartLF, Look::EndLF, Look::WordAscii, Look::WordAsciiNegate]
        .into_iter()
        .fold(LookSet::empty(), LookSet::insert);
    if !hir.properties().look_set().subtract(allowed).is_empty() {
        return Err((
            "the pattern looks around with something other than `\\b`, `\\B`, `^` or `$`".into(),
            "use the ASCII `\\b`; it is also right beside Chinese, Japanese and Korean text".into(),
        ));
    }
    let Some(longest) = hir.properties().maximum_len() else {
        return Err(match endless(&ast) {
            Some(span) => {
                let part = excerpt(source, &span);
                let (body, least) = split_operator(&part);
                (
                    format!("`{part}` has no longest match"),
                    format!("give it a bound, as in `{body}{{{least},64}}`; {LONGER_VALUES}"),
                )
            }
            None => ("the pattern can never match".into(), "remove the empty class".into()),
        });
    };
    if longest > MAX_WIDTH {
        return Err(too_wide(longest));
    }
    match hir.properties().minimum_len() {
        None => Err(("the pattern can never match".into(), "remove the empty class".into())),
        Some(0) => {
            Err(("the pattern can match without a single character".into(), "make one part of it required".into()))
        }
        Some(_) => Ok(hir),
    }
}

/// The mend for authors of rules about long things.
const LONGER_VALUES: &str = "a longer value is found by how it begins, and `until` says where it ends";

pub(super) fn too_wide(longest: usize) -> (String, String) {
    (
        format!("the longest match is {longest} bytes, more than {MAX_WIDTH}"),
        format!("use smaller bounds; {LONGER_VALUES}"),
    )
}

fn excerpt(source: &str, span: &Span) -> String {
    source[span.start.offset..span.end.offset].to_owned()
}

/// The innermost first repetition without an upper bound.
fn endless(ast: &Ast) -> Option<Span> {
    match ast {
        Ast::Repetition(r) => endless(&r.ast).or_else(|| {
            let endless = matches!(
                r.op.kind,
                ast::RepetitionKind::ZeroOrMore
                    | ast::RepetitionKind::OneOrMore
                    | ast::RepetitionKind::Range(ast::RepetitionRange::AtLeast(_))
            );
            endless.then_some(r.span)
        }),
        Ast::Group(g) => endless(&g.ast),
        Ast::Alternation(a) => a.asts.iter().find_map(endless),
        Ast::Concat(c) => c.asts.iter().find_map(endless),
        _ => None,
    }
}

/// `\w+` → (`\w`, 1).
fn split_operator(part: &str) -> (&str, u32) {
    let part = part.strip_suffix('?').unwrap_or(part);
    if let Some(body) = part.strip_suffix('*') {
        return (body, 0);
    }
    if let Some(body) = part.strip_suffix('+') {
        return (body, 1);
    }
    match part.strip_suffix(",}").and_then(|p| p.rsplit_once('{')) {
        Some((body, least)) => (body, least.parse().unwrap_or(1)),
        None => (part, 1),
    }
}

/// An expression that matches wherever `hir` does, and more, but needs far fewer states: long repetitions lose their bounds.
pub(super) fn relaxed(hir: &Hir) -> Hir {
    /// Repetitions up to this are kept: the first bytes and short numbers are what gates look at.
    const KEPT: u32 = 4;
    match hir.kind() {
        HirKind::Repetition(r) => {
            let sub = Box::new(relaxed(&r.sub));
            let max = r.max.filter(|max| *max <= KEPT);
            Hir::repetition(hir::Repetition { min: r.min.min(KEPT), max, greedy: r.greedy, sub })
        }
        HirKind::Capture(c) => relaxed(&c.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(relaxed).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(relaxed).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

/// Drops every group but those named `value`, which are numbered on.
fn keep_values(hir: &Hir, values: &mut u32) -> Hir {
    match hir.kind() {
        HirKind::Capture(c) if c.name.as_deref() == Some("value") => {
            *values += 1;
            let index = *values;
            let sub = Box::new(keep_values(&c.sub, values));
            Hir::capture(Capture { index, name: None, sub })
        }
        HirKind::Capture(c) => keep_values(&c.sub, values),
        HirKind::Repetition(r) => {
            let sub = Box::new(keep_values(&r.sub, values));
            Hir::repetition(hir::Repetition { min: r.min, max: r.max, greedy: r.greedy, sub })
        }
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|p| keep_values(p, values)).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(|p| keep_values(p, values)).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(source: &str, message: &str, help: &str) {
        let (m, h) = read_one(source).expect_err(source);
        assert!(m.contains(message) && h.contains(help), "{source}: {m} / {h}");
    }

    #[test]
    fn language() {
        for source in [
            r"\b\d{9}\b",
            r"(?i)schlüssel:\s?\d{4}",
            r"(?u:[^x]{1,9})y",
            "身份证[：:]?[0-9]{18}",
            r"a[^x]b",
            r"d.un",
            r"[éè]x\S",
            r"(?m)^ID \d{3}$",
            r"\Bx1",
        ] {
            assert!(read_one(source).is_ok(), "{source}: {:?}", read_one(source));
        }
        refused(r"a\xFFb", r"`\xFF` could match half a character", "characters, not their bytes");
        refused(r"(?u:\b)x", "looks around", r"\b");
        refused(r"(?=x)y", "cannot be read at `(?=`", "no look-around");
        refused(r"(x)\1", r"cannot be read at `\1`", "no back-references");
        refused("a(b", "cannot be read at `(`", "brackets");
    }

    #[test]
    fn bounds() {
        refused(r"id (\w+) end", r"`\w+` has no longest match", r"`\w{1,64}`");
        refused(r"(?:a[bc]*)+", "`[bc]*` has no longest match", "`[bc]{0,64}`");
        refused(r"x\d{7,}", r"`\d{7,}` has no longest match", r"`\d{7,64}`");
        refused(r"x{600}", "600 bytes, more than 512", "smaller");
        refused(r"\d{0,4}", "without a single character", "required");
        refused(r"x[a&&b]", "can never match", "empty class");
    }
}
