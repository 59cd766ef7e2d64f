//! Risk of a principal: a pure function of events and a clock.
//!
//! The formula is open (`docs/risk.md`): each event adds `severity × confidence × novelty`, the sum decays with a half-life,
//! and `100·(1 − e^(−sum/scale))` maps it to 0–100. [`formula`] holds its constants and arithmetic, [`history`] one
//! principal's events, [`ledger`] everybody's. Nothing here reads a clock: time is an argument.

pub mod formula;
pub mod history;
pub mod ledger;

pub use formula::{Drip, Formula, Thresholds};
pub use history::{Assessment, Cause, Contribution, Event, History, Signal};
pub use ledger::Ledger;

use crate::diagnostic::reader::Choice;
use std::time::SystemTime;

/// Risk bands, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    Low,
    Medium,
    High,
    Critical,
}

impl Choice for Band {
    const WHAT: &'static str = "risk band";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("low", Self::Low), ("medium", Self::Medium), ("high", Self::High), ("critical", Self::Critical)];
}

impl Band {
    /// Every band, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];
}

/// What a principal with these events and signals would be assessed as at `now`. Events are taken in the order given.
pub fn simulate(formula: &Formula, events: &[Event], signals: &[Signal], floor: Band, now: SystemTime) -> Assessment {
    let mut history = History::default();
    for event in events {
        history.record(formula, event.clone());
    }
    for signal in signals {
        history.signal(formula, signal.clone());
    }
    history.assess(formula, floor, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Confidence, Severity};
    use crate::policy::Action;
    use std::time::Duration;

    /// The worked example of `docs/risk.md`, computed: every row of its table must be there, number by number.
    #[test]
    fn the_worked_example_in_the_documentation_is_what_the_formula_gives() {
        let formula = Formula::default();
        let hours = |h: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(h * 3600);
        let event = |at, severity, confidence, fingerprint: &str| Event {
            at,
            rule: "rule".into(),
            category: "category".into(),
            severity,
            confidence,
            fingerprint: fingerprint.to_owned(),
            action: Action::Redact,
        };
        let mut history = History::default();
        let mut rows = Vec::new();
        let mut row = |history: &History, when: &str, at| {
            let Assessment { score, band, sum } = history.assess(&formula, Band::Low, at);
            rows.push(format!("{when} | {sum:.2} | {score:.1} | {} |", band.name()));
        };
        history.record(&formula, event(hours(0), Severity::Critical, Confidence::High, "key"));
        row(&history, "| Monday 09:00 | a cloud key, critical × high | 20 × 1.0 × 1", hours(0));
        history
            .record(&formula, event(hours(0) + Duration::from_secs(300), Severity::Critical, Confidence::High, "key"));
        row(
            &history,
            "| Monday 09:05 | the same key, sent again by the SDK | 20 × 1.0 × 0",
            hours(0) + Duration::from_secs(300),
        );
        history.record(&formula, event(hours(6), Severity::High, Confidence::Medium, "tax 1"));
        history.record(&formula, event(hours(6), Severity::High, Confidence::Medium, "tax 2"));
        row(&history, "| Monday 15:00 | two tax numbers, high × medium | 2 × (8 × 0.6 × 1)", hours(6));
        history.record(&formula, event(hours(24), Severity::Critical, Confidence::High, "key"));
        row(&history, "| Tuesday 09:00 | the same key, a day later | 20 × 1.0 × 1/2", hours(24));
        row(&history, "| Friday 09:00 | nothing more | –", hours(96));
        row(&history, "| Tuesday 09:00, two weeks later | nothing more | –", hours(24 + 14 * 24));
        let page = include_str!("../docs/risk.md");
        for row in &rows {
            assert!(page.contains(row.as_str()), "docs/risk.md lacks the row\n{row}\nall rows:\n{}", rows.join("\n"));
        }
    }
}
