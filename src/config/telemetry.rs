//! `[telemetry]`: what the gateway says about itself on standard error.

use super::Reading;
use crate::diagnostic::reader::{Choice, Table};

/// The gateway's own log, apart from decision records and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telemetry {
    pub log: LogLevel,
}

/// The least important kind of message that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl Choice for LogLevel {
    const WHAT: &'static str = "log level";
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("off", Self::Off),
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: LogLevel::Info }
    }
}

impl Telemetry {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        reading.set(table, "log", &mut self.log);
    }
}
