//! One number may be an identifier of several countries: which of the rules that found it names it.

use super::{Finding, speech};
use crate::pack::{Confidence, Rule, Severity};
use std::cmp::Reverse;

/// Where a text comes from, as far as it is known: what tells a Polish number from a Brazilian one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The country of the principal (ISO 3166-1 alpha-2).
    pub country: Option<&'a str>,
    /// The countries whose language the text is in; see [`speech::countries`].
    pub spoken: &'static [&'static str],
}

impl<'a> Origin<'a> {
    /// Of a text of this principal's.
    pub fn of(country: Option<&'a str>, text: &str) -> Self {
        Self { country, spoken: speech::countries(text) }
    }
}

/// How likely a finding names its value rightly, likeliest greatest: the surest, then the one whose context word stands nearest,
/// then one of the principal's country, then one of a country whose language the text is in, then the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    confidence: Confidence,
    validated: bool,
    /// Bytes between value and context word.
    gap: Reverse<usize>,
    home: bool,
    spoken: bool,
    severity: Severity,
}

impl Rank {
    pub fn of(finding: &Finding, rule: &Rule, origin: &Origin<'_>) -> Self {
        let gap = finding.context.as_ref().map_or(usize::MAX, |word| {
            finding.span.start.saturating_sub(word.end).max(word.start.saturating_sub(finding.span.end))
        });
        let country = rule.jurisdiction.as_deref();
        Self {
            confidence: finding.confidence,
            validated: finding.validated,
            gap: Reverse(gap),
            home: country.is_some() && country == origin.country,
            spoken: country.is_some_and(|country| origin.spoken.contains(&country)),
            severity: rule.severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::sample_rule;

    #[test]
    fn nearest_word_then_country_then_language_then_severity() {
        let of = |country: &str, severity| Rule {
            jurisdiction: Some(country.to_owned()),
            severity,
            ..sample_rule("a", "national_id", "")
        };
        let (polish, brazilian) = (of("PL", Severity::Low), of("BR", Severity::High));
        let finding = |context| Finding { span: 20..31, context, ..Finding::sample() };
        let near = finding(Some(14..19));
        let far = finding(Some(2..7));
        let nowhere = Origin::default();
        assert!(Rank::of(&near, &polish, &nowhere) > Rank::of(&far, &brazilian, &nowhere));
        assert!(Rank::of(&far, &polish, &nowhere) > Rank::of(&finding(None), &brazilian, &nowhere));
        assert!(Rank::of(&near, &brazilian, &nowhere) > Rank::of(&near, &polish, &nowhere));
        let spoken = Origin::of(None, "Proszę sprawdzić, czy to jest numer, który podano w piśmie i nie ma błędu.");
        assert!(Rank::of(&near, &polish, &spoken) > Rank::of(&near, &brazilian, &spoken));
        let home = Origin { country: Some("BR"), ..spoken };
        assert!(Rank::of(&near, &brazilian, &home) > Rank::of(&near, &polish, &home));
        let sure = Finding { confidence: Confidence::High, ..near.clone() };
        let unsure = Finding { confidence: Confidence::Low, ..near };
        assert!(Rank::of(&sure, &polish, &home) > Rank::of(&unsure, &brazilian, &home));
    }
}
