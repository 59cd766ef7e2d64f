//! Metrics and logs.
//!
//! Every metric is one row of the table in [`table`]; registry, text exposition, documentation and tests derive from it. Labels
//! are bounded: never a user, a session, a path or a matched text.

mod histogram;
pub mod logs;
mod series;
pub mod table;

use prometheus_client::encoding::text;
use prometheus_client::registry::Registry;
use series::{Exposed, Family};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use series::Series;
pub use table::{Kind, Metric, Row, TABLE};

/// `content-type` of what [`Telemetry::render`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics of one process. Updating a series that a thread has used before takes no lock and allocates nothing.
pub struct Telemetry {
    /// Tells the instances of a process apart in the threads' caches.
    instance: u64,
    registry: Registry,
    families: Vec<Arc<Family>>,
}

impl Telemetry {
    /// Registers the whole table.
    pub fn new() -> Self {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        let mut registry = Registry::default();
        let families: Vec<_> = TABLE
            .iter()
            .map(|row| {
                let family = Arc::new(Family::new(row));
                registry.register(row.registered_name(), row.help.trim_end_matches('.'), Exposed(family.clone()));
                family
            })
            .collect();
        let telemetry = Self { instance: INSTANCES.fetch_add(1, Ordering::Relaxed), registry, families };
        telemetry.set(Metric::BuildInfo, &[env!("CARGO_PKG_VERSION")], 1);
        telemetry
    }

    /// Adds to a counter.
    pub fn add(&self, metric: Metric, labels: &[&str], amount: u64) {
        self.with(metric, labels, |series| series.add(amount));
    }

    /// Sets a gauge.
    pub fn set(&self, metric: Metric, labels: &[&str], value: i64) {
        self.with(metric, labels, |series| series.set(value));
    }

    /// Moves a gauge up or down.
    pub fn shift(&self, metric: Metric, labels: &[&str], by: i64) {
        self.with(metric, labels, |series| series.shift(by));
    }

    /// Adds an observation to a histogram, in the unit of its name (seconds, tokens).
    pub fn observe(&self, metric: Metric, labels: &[&str], value: f64) {
        self.with(metric, labels, |series| series.observe(value));
    }

    /// The series itself, for callers that update the same one again and again. `labels` are values in the table's order.
    pub fn series(&self, metric: Metric, labels: &[&str]) -> Arc<Series> {
        self.families[metric as usize].series(labels)
    }

    fn with(&self, metric: Metric, labels: &[&str], update: impl FnOnce(&Series)) {
        series::cached(self.instance, metric, &self.families[metric as usize], labels, update);
    }

    /// Everything as OpenMetrics text.
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(16 * 1024);
        text::encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("instance", &self.instance).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds every row and returns what is exposed.
    fn fed() -> String {
        let telemetry = Telemetry::new();
        for (row, metric) in TABLE.iter().zip(Metric::ALL) {
            let labels = vec!["x"; row.labels.len()];
            match row.kind {
                Kind::Counter => telemetry.add(*metric, &labels, 3),
                Kind::Gauge => telemetry.set(*metric, &labels, -3),
                Kind::Histogram(_) => telemetry.observe(*metric, &labels, 0.0003),
            }
        }
        telemetry.render()
    }

    #[test]
    fn every_row_is_exposed_under_its_name_with_its_labels() {
        let text = fed();
        for row in TABLE {
            let labels: Vec<_> = row.labels.iter().map(|label| format!("{label}=\"x\"")).collect();
            let braces = |extra: Option<&str>| {
                let all: Vec<_> = extra.into_iter().chain(labels.iter().map(String::as_str)).collect();
                if all.is_empty() { String::new() } else { format!("{{{}}}", all.join(",")) }
            };
            let lines = match row.kind {
                Kind::Counter => vec![format!("{}{} 3\n", row.name, braces(None))],
                Kind::Gauge => vec![format!("{}{} -3\n", row.name, braces(None))],
                Kind::Histogram(_) => vec![
                    format!("{}_count{} 1\n", row.name, braces(None)),
                    format!("{}_bucket{} 1\n", row.name, braces(Some("le=\"+Inf\""))),
                ],
            };
            if let Kind::Histogram(buckets) = row.kind {
                assert_eq!(
                    text.matches(&format!("\n{}_bucket{{", row.name)).count(),
                    buckets.len() + 1,
                    "{}",
                    row.name
                );
            }
            for line in lines {
                assert!(text.contains(&line), "{line:?} is not in\n{text}");
            }
            assert!(text.contains(&format!("# HELP {} ", row.registered_name())), "{}", row.name);
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn updates_add_up_across_threads() {
        let telemetry = Arc::new(Telemetry::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        telemetry.add(Metric::Faults, &["receive", "bad_framing", "closed"], 1);
                        telemetry.observe(Metric::Overhead, &["scan"], 0.5);
                    }
                });
            }
        });
        let text = telemetry.render();
        let faults = r#"portcullis_faults_total{phase="receive",fault="bad_framing",outcome="closed"} 4000"#;
        assert!(text.contains(faults), "{text}");
        assert!(text.contains("portcullis_overhead_seconds_sum{phase=\"scan\"} 2000.0\n"), "{text}");
        assert!(text.contains("portcullis_overhead_seconds_count{phase=\"scan\"} 4000\n"), "{text}");
    }

    #[test]
    fn the_number_of_series_is_bounded() {
        let telemetry = Telemetry::new();
        for n in 0..series::MAX_SERIES + 50 {
            telemetry.add(Metric::Findings, &["p", &format!("rule{n}"), "prompt", "high", "block"], 1);
        }
        let text = telemetry.render();
        assert!(text.contains(r#"pack="other",rule="other",channel="other",confidence="other",action="other"} 50"#));
    }

    #[test]
    fn label_values_are_escaped() {
        let telemetry = Telemetry::new();
        telemetry.add(Metric::Faults, &["a\"b\\c\nd", "x", "y"], 1);
        assert!(telemetry.render().contains(r#"phase="a\"b\\c\nd""#));
    }

    /// `docs/reference/metrics.md` is generated: run the test with `UPDATE=1` after changing the table.
    #[test]
    fn the_reference_lists_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/metrics.md");
        let page = table::reference();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().expect("the path has a folder")).unwrap();
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(written, page, "run with UPDATE=1 to write docs/reference/metrics.md anew");
    }
}
