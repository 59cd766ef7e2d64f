//! `[risk]`: how fast risk grows and fades, and where the bands begin.

use super::Reading;
use crate::diagnostic::reader::{Spanned, Table};
use crate::risk::{Band, Formula};
use std::time::Duration;

/// How risk is counted, and of how many users at most.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    pub formula: Formula,
    /// Users whose risk is kept; when there are more, those whose risk has faded most are forgotten.
    pub max_users: usize,
}

impl Default for Risk {
    fn default() -> Self {
        Self { formula: Formula::default(), max_users: 100_000 }
    }
}

impl Risk {
    pub(super) fn read(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        let source = table.source();
        if let Some(half_life) = reading.spanned::<Duration>(table, "half_life") {
            if half_life.value.is_zero() {
                let help = "write a time such as `\"7d\"`";
                reading.problems.at(source, half_life.span, "`half_life` must be longer than zero", help);
            }
            self.formula.half_life = half_life.value;
        }
        if let Some(scale) = reading.spanned::<f64>(table, "scale") {
            if scale.value <= 0.0 {
                let help = "write the sum of weights at which the score shall reach 63; the default is 40";
                reading.problems.at(source, scale.span, "`scale` must be more than zero", help);
            }
            self.formula.scale = scale.value;
        }
        if let Some(mut bands) = table.opt::<Table<'_>>("bands", reading.problems) {
            self.bands(&mut bands, reading);
            bands.finish(reading.problems);
        }
        if let Some(hysteresis) = reading.spanned::<f64>(table, "hysteresis") {
            // At zero score a band is left only if its threshold less the hysteresis is above zero.
            if !(0.0..self.formula.bands.medium).contains(&hysteresis.value) {
                let message = format!(
                    "`hysteresis` must be at least 0 and less than `bands.medium`, {}",
                    self.formula.bands.medium
                );
                reading.problems.at(
                    source,
                    hysteresis.span,
                    message,
                    "otherwise nobody would come back to `low`; the default is 5",
                );
            }
            self.formula.hysteresis = hysteresis.value;
        }
        reading.set::<Band>(table, "unknown_floor", &mut self.formula.anonymous_floor);
        if let Some(users) = reading.spanned(table, "max_users") {
            if users.value == 0 {
                reading.problems.at(source, users.span, "`max_users` must be more than zero", "the default is 100000");
            }
            self.max_users = users.value;
        }
    }

    fn bands(&mut self, table: &mut Table<'_>, reading: &mut Reading<'_>) {
        let bands = &mut self.formula.bands;
        let before = reading.problems.len();
        for (key, threshold) in
            [("medium", &mut bands.medium), ("high", &mut bands.high), ("critical", &mut bands.critical)]
        {
            let Some(score) = table.opt::<Spanned<f64>>(key, reading.problems) else { continue };
            if !(score.value > 0.0 && score.value <= 100.0) {
                let message = format!("the band `{key}` begins outside of the scores");
                reading.problems.at(table.source(), score.span, message, "write a score above 0 and up to 100");
            }
            *threshold = score.value;
        }
        let order = [("medium", bands.medium), ("high", bands.high), ("critical", bands.critical)];
        for pair in order.windows(2) {
            let ((lower, begins), (higher, ends)) = (pair[0], pair[1]);
            if begins >= ends && reading.problems.len() == before {
                // Blame the one that is written.
                let blamed = if table.has(higher) { higher } else { lower };
                reading.problems.at(
                    table.source(),
                    table.span_of(blamed),
                    format!("the band `{higher}` begins at {ends}, not above `{lower}` at {begins}"),
                    "write rising scores, such as `{ medium = 30, high = 60, critical = 80 }`",
                );
            }
        }
    }
}
