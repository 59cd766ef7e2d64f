//! Several findings in one text → the ranges to replace, and the text with them replaced.

use super::{Key, replacement};
use crate::detect::Finding;
use crate::detect::rank::{Origin, Rank};
use crate::pack::Rule;
use crate::policy::Style;
use std::cmp::Reverse;
use std::ops::Range;

/// A value to rewrite, where it stands.
#[derive(Debug, Clone)]
pub struct Mark<'a> {
    range: Range<usize>,
    /// The value, where it does not stand there as it is.
    value: Option<&'a str>,
    /// Where the beginning ends by which a value with an `until` is known.
    opener_end: Option<usize>,
    style: &'a Style,
    rule: &'a Rule,
    rank: Rank,
}

impl<'a> Mark<'a> {
    pub fn new(finding: &'a Finding, rule: &'a Rule, style: &'a Style, origin: &Origin<'_>) -> Self {
        let opener_end = finding.opener.as_ref().map(|opener| opener.end);
        // A mask shows the last characters, and those at hand are not the last of a value that goes on.
        let style = if opener_end.is_some() && matches!(style, Style::Mask { .. }) { &Style::Label } else { style };
        let value = finding.disguise.as_ref().map(|disguise| disguise.value.as_str());
        let rank = Rank::of(finding, rule, origin);
        Self { range: finding.span.clone(), value, opener_end, style, rule, rank }
    }

    /// For a piece of the finding that stands at `range`.
    pub fn at(self, range: Range<usize>) -> Self {
        let opener_end = self.opener_end.filter(|_| range == self.range);
        Self { range, opener_end, ..self }
    }

    /// Where the part ends that is known when it has to be named.
    fn head_end(&self) -> usize {
        self.opener_end.unwrap_or(self.range.end)
    }

    /// The finding that names an overlap, greatest first: the likeliest, then the longest, first in the text, first by rule id.
    fn weight(&self) -> impl Ord + '_ {
        let length = if self.opener_end.is_some() { usize::MAX } else { self.range.len() };
        (self.rank, length, Reverse(self.range.start), Reverse(self.rule.id.as_str()))
    }
}

/// The replacements in `text`, in order and without overlaps.
///
/// Overlapping values become one redaction over all of them, with the label of the likeliest finding and the style among them
/// that reveals least: any other choice would leave a piece of one value behind. Values that merely touch stay apart.
///
/// A value with an `until` is named where it begins, by what overlaps its beginning: a stream has sent the name when it
/// comes to the rest. What overlaps the rest alone is removed with it.
pub fn redactions(text: &str, mut marks: Vec<Mark<'_>>, key: &Key) -> Vec<(Range<usize>, String)> {
    marks.retain(|m| !m.range.is_empty());
    marks.sort_by_key(|m| (m.range.start, Reverse(m.range.end)));
    let mut out = Vec::new();
    let mut rest = marks.as_slice();
    while let Some(first) = rest.first() {
        let mut range = first.range.clone();
        let mut head_end = first.head_end();
        let (mut taken, mut named) = (1, 1);
        while let Some(next) = rest.get(taken).filter(|next| next.range.start < range.end) {
            range.end = range.end.max(next.range.end);
            taken += 1;
            if next.range.start < head_end {
                head_end = head_end.max(next.head_end());
                named = taken;
            }
        }
        let group = &rest[..named];
        let likeliest = group.iter().max_by(|a, b| a.weight().cmp(&b.weight())).expect("a group has its first mark");
        let style = group.iter().map(|m| m.style).max_by_key(|s| s.hides()).expect("a group has its first mark");
        let value = likeliest.value.unwrap_or(&text[range.start..head_end]);
        let stands_for = replacement(style, likeliest.rule, value, key);
        out.push((range, stands_for));
        rest = &rest[taken..];
    }
    out
}

/// `text` with each range replaced. Ranges are in order, on character boundaries, and do not overlap, as [`redactions`] gives them.
pub fn apply_text(text: &str, replacements: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (range, by) in replacements {
        out.push_str(&text[at..range.start]);
        out.push_str(by);
        at = range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::sample_rule;
    use crate::pack::{Confidence, Severity};
    use proptest::prelude::*;

    fn mark<'a>(range: Range<usize>, style: &'a Style, rule: &'a Rule, confidence: Confidence) -> Mark<'a> {
        let rank = Rank::of(&Finding { confidence, ..Finding::sample() }, rule, &Origin::default());
        Mark { range, value: None, opener_end: None, style, rule, rank }
    }

    #[test]
    fn p1_only_the_matched_bytes_change() {
        let (a, b) = (sample_rule("a", "x", ""), sample_rule("b", "x", ""));
        let text = "pre 1234 mid 5678 post";
        let marks =
            vec![mark(13..17, &Style::Remove, &b, Confidence::Low), mark(4..8, &Style::Label, &a, Confidence::Low)];
        let got = redactions(text, marks, &Key::from_bytes(b"k"));
        assert_eq!(apply_text(text, &got), "pre [A] mid  post");
    }

    #[test]
    fn an_overlap_is_one_redaction_named_by_the_surest_and_styled_by_the_strictest() {
        let (a, mut b) = (sample_rule("a", "x", ""), sample_rule("b", "x", ""));
        let mask = Style::Mask { keep: 4 };
        let text = "0123456789";
        let key = Key::from_bytes(b"k");
        let marks = vec![mark(0..6, &mask, &a, Confidence::High), mark(4..9, &Style::Label, &b, Confidence::Low)];
        assert_eq!(redactions(text, marks, &key), vec![(0..9, "[A]".to_owned())]);
        b.severity = Severity::Critical;
        let marks =
            vec![mark(0..6, &Style::Label, &a, Confidence::Low), mark(4..9, &Style::Label, &b, Confidence::Low)];
        assert_eq!(redactions(text, marks, &key), vec![(0..9, "[B]".to_owned())]);
    }

    #[test]
    fn values_that_touch_stay_apart() {
        let a = sample_rule("a", "x", "");
        let marks =
            vec![mark(0..2, &Style::Label, &a, Confidence::Low), mark(2..4, &Style::Label, &a, Confidence::Low)];
        let got = redactions("0123", marks, &Key::from_bytes(b"k"));
        assert_eq!(apply_text("0123", &got), "[A][A]");
    }

    proptest! {
        /// Whatever the marks: ranges come out in order and apart, cover every mark, and the rest of the text stays.
        #[test]
        fn p1_redactions_cover_every_mark_and_nothing_else(spans in prop::collection::vec((0usize..60, 1usize..12), 0..12)) {
            let rule = sample_rule("a", "x", "");
            let text = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
            let marks: Vec<_> =
                spans.iter().map(|(s, n)| mark(*s..s + n, &Style::Remove, &rule, Confidence::Low)).collect();
            let got = redactions(text, marks, &Key::from_bytes(b"k"));
            prop_assert!(got.windows(2).all(|w| w[0].0.end <= w[1].0.start));
            let covered = |i: usize| spans.iter().any(|(s, n)| (*s..s + n).contains(&i));
            let expected: String =
                text.char_indices().filter(|(i, _)| !covered(*i)).map(|(_, c)| c).collect();
            prop_assert_eq!(apply_text(text, &got), expected);
        }
    }
}
