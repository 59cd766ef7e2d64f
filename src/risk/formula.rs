//! The constants of the risk formula and its arithmetic.

use super::Band;
use crate::pack::{Confidence, Severity};
use std::time::Duration;

/// Score from which each band begins; below `medium` the band is low.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    pub medium: f64,
    pub high: f64,
    pub critical: f64,
}

/// When many small leaks weigh as one large one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drip {
    /// Distinct values of one category are counted over this time.
    pub window: Duration,
    /// So many of them weigh as one large leak; then counting starts anew.
    pub distinct: usize,
}

/// The risk formula. Defaults are those of `config.example.toml`; `docs/risk.md` says what they amount to.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// Time in which the weight of an event halves. Never zero.
    pub half_life: Duration,
    /// Sum of weights at which the score reaches 63 (`1 − 1/e`). 40: five certain values of high severity make a user `high`.
    pub scale: f64,
    pub bands: Thresholds,
    /// A band is left downwards only when the score is this far below its threshold, so that nobody flickers between two.
    pub hysteresis: f64,
    /// The same value again within this time of its last sighting is a retry or resent history, and adds nothing.
    pub retry_window: Duration,
    pub drip: Drip,
    /// The least band of callers nobody vouches for.
    pub anonymous_floor: Band,
}

impl Default for Formula {
    fn default() -> Self {
        const HOUR: u64 = 3600;
        Self {
            half_life: Duration::from_secs(7 * 24 * HOUR),
            scale: 40.0,
            bands: Thresholds { medium: 30.0, high: 60.0, critical: 80.0 },
            hysteresis: 5.0,
            retry_window: Duration::from_secs(HOUR),
            drip: Drip { window: Duration::from_secs(24 * HOUR), distinct: 10 },
            anonymous_floor: Band::Medium,
        }
    }
}

impl Formula {
    /// Weight of a severity: each step is worth about two and a half of the one before.
    pub fn severity(severity: Severity) -> f64 {
        match severity {
            Severity::Low => 1.0,
            Severity::Medium => 3.0,
            Severity::High => 8.0,
            Severity::Critical => 20.0,
        }
    }

    /// Weight of a confidence.
    pub fn confidence(confidence: Confidence) -> f64 {
        match confidence {
            Confidence::Low => 0.3,
            Confidence::Medium => 0.6,
            Confidence::High => 1.0,
        }
    }

    /// Weight of the `sighting`-th time (from 1) that a value is seen, retries not counted: 1, 1/2, 1/3, …
    pub fn novelty(sighting: u32) -> f64 {
        1.0 / f64::from(sighting.max(1))
    }

    /// What remains of a weight after `age`: one half after each half-life.
    pub fn decay(&self, age: Duration) -> f64 {
        (-age.as_secs_f64() / self.half_life.as_secs_f64().max(f64::MIN_POSITIVE)).exp2()
    }

    /// The score of a sum of weights, 0–100.
    pub fn score(&self, sum: f64) -> f64 {
        (100.0 * (1.0 - (-sum.max(0.0) / self.scale).exp())).clamp(0.0, 100.0)
    }

    /// The score at which `band` begins.
    pub fn threshold(&self, band: Band) -> f64 {
        match band {
            Band::Low => 0.0,
            Band::Medium => self.bands.medium,
            Band::High => self.bands.high,
            Band::Critical => self.bands.critical,
        }
    }

    /// The band of `score` for a principal who was in `before`: up at once, down only past the hysteresis.
    pub fn band(&self, score: f64, before: Band) -> Band {
        let reached = |band: &Band| {
            let slack = if *band <= before { self.hysteresis } else { 0.0 };
            score >= self.threshold(*band) - slack
        };
        Band::ALL.into_iter().rev().find(reached).unwrap_or(Band::Low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_entered_at_its_threshold_and_left_below_it() {
        let formula = Formula::default();
        assert_eq!(formula.band(29.9, Band::Low), Band::Low);
        assert_eq!(formula.band(30.0, Band::Low), Band::Medium);
        assert_eq!(formula.band(26.0, Band::Medium), Band::Medium);
        assert_eq!(formula.band(24.9, Band::Medium), Band::Low);
        assert_eq!(formula.band(57.0, Band::Critical), Band::High);
        assert_eq!(formula.band(99.0, Band::Low), Band::Critical);
    }

    #[test]
    fn five_certain_values_of_high_severity_make_a_user_high() {
        let formula = Formula::default();
        let sum = |n: f64| formula.score(n * Formula::severity(Severity::High));
        assert!(sum(4.0) < formula.bands.high && sum(5.0) >= formula.bands.high);
    }
}
