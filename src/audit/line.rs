//! A record as one readable line for a terminal: time, action, who, where, what was found, why, how long.

use super::DecisionRecord;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::SystemTime;

/// Kinds of findings named on a line; the rest is counted.
const KINDS_SHOWN: usize = 4;

impl DecisionRecord {
    /// The record as one line, without the line break.
    ///
    /// `12:00:00.250 redact maria DE/finance medium 31 · openai gpt-4o chat · 2 × de_steuer_id · personal-data · 200 · +85 µs of 900 µs · acme@3f2a9c`
    pub fn line(&self, color: bool) -> String {
        let mut parts = vec![self.who(), self.what()];
        parts.extend(self.found());
        parts.extend(self.why());
        parts.push(match self.status {
            0 => "client gone".to_owned(),
            status => status.to_string(),
        });
        parts.extend(self.took());
        parts.push(self.policy.clone());
        // names come from headers and files: a control character among them must not move the cursor
        let rest: String = parts.join(" · ").chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        let time = humantime::format_rfc3339_millis(self.time.max(SystemTime::UNIX_EPOCH)).to_string();
        let clock = time.get(11..23).unwrap_or(&time);
        let action = if color { painted(self.action) } else { self.action.to_owned() };
        format!("{clock} {action} {rest}")
    }

    fn who(&self) -> String {
        let place: Vec<&str> =
            [&self.principal.country, &self.principal.industry].into_iter().flatten().map(String::as_str).collect();
        let place = if place.is_empty() { String::new() } else { format!(" {}", place.join("/")) };
        format!("{}{place} {} {:.0}", self.principal.user, self.risk.band, self.risk.score)
    }

    fn what(&self) -> String {
        let model = self.model.as_deref().map(|m| format!(" {m}")).unwrap_or_default();
        let stream = if self.stream { " stream" } else { "" };
        format!("{}{model} {}{stream}", self.upstream, self.operation)
    }

    fn found(&self) -> Option<String> {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &self.findings {
            *kinds.entry(&finding.rule).or_default() += finding.count;
        }
        let more = kinds.len().saturating_sub(KINDS_SHOWN);
        let mut shown: Vec<String> =
            kinds.iter().take(KINDS_SHOWN).map(|(rule, count)| format!("{count} × {rule}")).collect();
        if more > 0 {
            shown.push(format!("{more} more"));
        }
        let uninspected: u64 = self.receipt.uninspected.iter().map(|u| u.bytes).sum();
        if !self.receipt.uninspected.is_empty() {
            let mut reasons: Vec<&str> = self.receipt.uninspected.iter().map(|u| u.reason).collect();
            reasons.sort_unstable();
            reasons.dedup();
            shown.push(format!("{uninspected} bytes not inspected ({})", reasons.join(", ")));
        }
        (!shown.is_empty()).then(|| shown.join(", "))
    }

    fn why(&self) -> Option<String> {
        let strictest = self.statements.first()?;
        let mut why = strictest.id.clone();
        if self.statements.len() > 1 {
            write!(why, " and {} more", self.statements.len() - 1).expect("a string takes what is written");
        }
        if self.would != self.action {
            write!(why, ", would {}", self.would).expect("a string takes what is written");
        }
        Some(why)
    }

    fn took(&self) -> Option<String> {
        match (self.timing_us.overhead, self.timing_us.total) {
            (Some(overhead), Some(total)) => Some(format!("+{overhead} µs of {total} µs")),
            (Some(one), None) | (None, Some(one)) => Some(format!("{one} µs")),
            (None, None) => None,
        }
    }
}

/// The action in the colour of its weight: red blocks, yellow changes, green passes.
fn painted(action: &str) -> String {
    let code = match action {
        "block" | "justify" => 31,
        "redact" | "coach" => 33,
        _ => 32,
    };
    format!("\u{1b}[{code}m{action}\u{1b}[0m")
}

#[cfg(test)]
mod tests {
    use crate::audit::record::tests::record;

    #[test]
    fn a_line_tells_who_what_why_and_how_long() {
        insta::assert_snapshot!(record().line(false), @"00:00:00.250 redact maria DE/finance medium 31 · openai gpt-4o chat · 2 × de_steuer_id, 40 bytes not inspected (remote) · personal-data · 200 · +85 µs of 900 µs · acme@3f2a9c");
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        let mut record = record();
        record.principal.user = "eve\u{1b}[2J\nblock admin".to_owned();
        let line = record.line(false);
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(record.line(true).contains("\u{1b}[33mredact\u{1b}[0m"));
    }
}
