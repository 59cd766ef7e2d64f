//! Risk of a principal: a pure function of events and a clock.

use crate::diagnostic::reader::Choice;

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
