//! The metric table: to add a metric, add a row.
//!
//! Names follow Prometheus (base units, counters end in `_total`); those of the OpenTelemetry GenAI conventions are written
//! the Prometheus way (`gen_ai.client.token.usage` → `gen_ai_client_token_usage`), with the bucket bounds the conventions give
//! (semantic-conventions 1.41).

use std::fmt::Write;

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    Counter,
    Gauge,
    /// With the upper bounds of its buckets, in the unit of its name.
    Histogram(&'static [f64]),
}

/// One metric.
#[derive(Debug)]
pub struct Row {
    pub name: &'static str,
    pub kind: Kind,
    /// Names of its labels, in the order their values are given.
    pub labels: &'static [&'static str],
    pub help: &'static str,
}

impl Row {
    /// The name without the suffix the exposition adds itself.
    pub(super) fn registered_name(&self) -> &'static str {
        match self.kind {
            Kind::Counter => self.name.strip_suffix("_total").expect("a counter's name ends in `_total`"),
            _ => self.name,
        }
    }
}

/// Work inside the gateway: from ten microseconds to a second.
const INSIDE: &[f64] = &[
    0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    0.5, 1.0,
];
/// Bytes of a stream: from an event to the largest hold-back that is usual, in powers of two.
const HELD: &[f64] = &[
    64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0, 8192.0, 16384.0, 32768.0, 65536.0, 131072.0, 262144.0, 524288.0,
    1048576.0,
];
/// `gen_ai.client.operation.duration`.
const OPERATION: &[f64] = &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// `gen_ai.server.time_to_first_token`.
const FIRST_TOKEN: &[f64] =
    &[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// `gen_ai.client.token.usage`.
const TOKENS: &[f64] = &[
    1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 16777216.0,
    67108864.0,
];

macro_rules! metrics {
    ($($metric:ident: $name:literal, $kind:expr, [$($label:literal),*], $help:literal;)*) => {
        /// A metric, by its row in [`TABLE`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric { $(#[doc = $help] $metric),* }

        impl Metric {
            /// Every metric, in the table's order.
            pub const ALL: &[Self] = &[$(Self::$metric),*];
        }

        /// Every metric the gateway exposes.
        pub const TABLE: &[Row] = &[$(Row { name: $name, kind: $kind, labels: &[$($label),*], help: $help }),*];
    };
}

metrics! {
    Requests: "portcullis_requests_total", Kind::Counter, ["upstream", "provider", "action", "band"],
        "Exchanges by the action taken on them and the caller's risk band.";
    Findings: "portcullis_findings_total", Kind::Counter, ["pack", "rule", "channel", "confidence", "action"],
        "Findings by rule, and the action taken on them.";
    InspectedBytes: "portcullis_inspected_bytes_total", Kind::Counter, ["channel", "state", "reason"],
        "Bytes by whether they were inspected, and why not.";
    HistoryBytes: "portcullis_history_bytes_total", Kind::Counter, ["result"],
        "Bytes of text by whether they were recognised from an earlier exchange (`hit`), scanned (`miss`), or scanned as too short to be recognised (`short`).";
    Overhead: "portcullis_overhead_seconds", Kind::Histogram(INSIDE), ["phase"],
        "Time the gateway added to an exchange, by phase.";
    StreamHoldback: "portcullis_stream_holdback_seconds", Kind::Histogram(INSIDE), [],
        "How long text of a stream was held back before its decision.";
    StreamHoldbackBytes: "portcullis_stream_holdback_bytes", Kind::Histogram(HELD), [],
        "Most bytes of a stream that were held back at once.";
    StreamAddedTtft: "portcullis_stream_added_ttft_seconds", Kind::Histogram(INSIDE), [],
        "Time the gateway added before the first text of a stream.";
    SocketMessages: "portcullis_socket_messages_total", Kind::Counter, ["upstream", "from"],
        "Messages of WebSockets: what clients sent (`client`), and what they were sent (`gateway`).";
    Principals: "portcullis_principals", Kind::Gauge, ["band"],
        "Known principals by risk band.";
    Faults: "portcullis_faults_total", Kind::Counter, ["phase", "fault", "outcome"],
        "Failures of a phase and their outcome: closed, open or retried.";
    PolicyGeneration: "portcullis_policy_generation", Kind::Gauge, [],
        "Number of the running generation of configuration and policies.";
    Reloads: "portcullis_reloads_total", Kind::Counter, ["cause", "result"],
        "Reloads by cause, loaded or refused.";
    Connections: "portcullis_connections", Kind::Gauge, [],
        "Open client connections.";
    BuildInfo: "portcullis_build_info", Kind::Gauge, ["version"],
        "Always 1; the label is the version of the program.";
    TokenUsage: "gen_ai_client_token_usage", Kind::Histogram(TOKENS),
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_token_type"],
        "Tokens of one exchange as the provider states them.";
    OperationDuration: "gen_ai_client_operation_duration_seconds", Kind::Histogram(OPERATION),
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "error_type"],
        "Duration of model calls.";
    TimeToFirstToken: "gen_ai_server_time_to_first_token_seconds", Kind::Histogram(FIRST_TOKEN),
        ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model"],
        "Time from sending a request upstream to the first byte of its streamed answer.";
}

/// The table as a page of the documentation.
pub fn reference() -> String {
    let mut page = String::from(
        "# Metrics\n\n<!-- generated from src/telemetry/table.rs; run `UPDATE=1 cargo test the_reference_lists_the_table` -->\n\n\
         `GET /metrics` on the admin listener answers in OpenMetrics text. Labels are bounded: a metric that would exceed\n\
         2,000 series counts what is new under the label value `other`.\n\n\
         | metric | kind | labels | meaning |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let kind = match row.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram(_) => "histogram",
        };
        let labels: Vec<_> = row.labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(page, "| `{}` | {kind} | {} | {} |", row.name, labels.join(", "), row.help)
            .expect("writing to a string does not fail");
    }
    page.push_str("\n## Bucket bounds\n\n");
    for row in TABLE {
        if let Kind::Histogram(buckets) = row.kind {
            let bounds: Vec<_> = buckets.iter().map(f64::to_string).collect();
            writeln!(page, "- `{}`: {}", row.name, bounds.join(" ")).expect("writing to a string does not fail");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn rows_are_well_formed() {
        assert_eq!(TABLE.len(), Metric::ALL.len());
        let names: HashSet<_> = TABLE.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name is used twice");
        for (at, (row, metric)) in TABLE.iter().zip(Metric::ALL).enumerate() {
            assert_eq!(*metric as usize, at);
            assert!(row.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", row.name);
            assert_eq!(row.name.ends_with("_total"), row.kind == Kind::Counter, "{}", row.name);
            assert!(row.help.ends_with('.') && !row.help.contains('|'), "{}", row.name);
            if let Kind::Histogram(buckets) = row.kind {
                assert!(buckets.is_sorted() && !buckets.is_empty(), "{}", row.name);
            }
            for banned in ["user", "session", "prompt", "url", "path", "file"] {
                assert!(!row.labels.contains(&banned), "{} has the unbounded label {banned}", row.name);
            }
        }
    }
}
