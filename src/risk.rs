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
