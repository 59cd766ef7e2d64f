//! What an exchange adds to the metrics (`telemetry::table`).

use super::exchange::GatewayExchange;
use crate::diagnostic::reader::Choice;
use crate::policy::Action;
use crate::proxy::guard::Outcome;
use crate::telemetry::{Metric, Telemetry};
use std::time::Duration;

/// Counts a finished exchange.
pub(super) fn count(telemetry: &Telemetry, x: &GatewayExchange, action: Action, outcome: &Outcome) {
    let exchange = &x.exchange;
    let (opening, report) = (exchange.opening(), &exchange.report);
    let (upstream, provider) = (opening.upstream.name.as_str(), opening.upstream.provider.as_str());
    telemetry.add(Metric::Requests, &[upstream, provider, action.name(), opening.band.name()], 1);
    // what is sent again was counted when it failed
    for found in report.found.iter().filter(|_| x.retry_of.is_none()) {
        let done = if found.redacted { Action::Redact.name() } else { action.name() };
        let labels = [&*found.pack, &found.rule, found.channel.name(), found.confidence.name(), done];
        telemetry.add(Metric::Findings, &labels, u64::from(found.count));
    }
    for (channel, bytes) in &report.receipt.inspected {
        telemetry.add(Metric::InspectedBytes, &[channel.name(), "inspected", ""], *bytes);
    }
    for part in &report.receipt.uninspected {
        telemetry.add(Metric::InspectedBytes, &[part.channel.name(), "uninspected", part.reason.name()], part.bytes);
    }
    let recognised = report.recognised;
    for (result, bytes) in [("hit", recognised.hit), ("miss", recognised.miss), ("short", recognised.short)] {
        telemetry.add(Metric::HistoryBytes, &[result], bytes);
    }
    let phases = &report.phases;
    let each = [("decode", phases.decode), ("scan", phases.scan), ("decide", phases.decide), ("act", phases.act)];
    for (phase, spent) in each {
        telemetry.observe(Metric::Overhead, &[phase], spent.as_secs_f64());
    }
    if let Some(held) = &report.held {
        telemetry.observe(Metric::StreamHoldback, &[], held.longest.as_secs_f64());
        telemetry.observe(Metric::StreamHoldbackBytes, &[], held.bytes as f64);
    }
    if let Some(first) = report.held.and_then(|held| held.first) {
        telemetry.observe(Metric::StreamAddedTtft, &[], first.as_secs_f64());
    }
    if let Some(messages) = outcome.messages {
        for (from, count) in [("client", messages.from_client), ("gateway", messages.to_client)] {
            telemetry.add(Metric::SocketMessages, &[upstream, from], count);
        }
    }
    for fault in &report.faults {
        let outcome = if fault.open { "open" } else { "closed" };
        telemetry.add(Metric::Faults, &[fault.phase, fault.fault, outcome], 1);
    }
    model(telemetry, x, outcome);
}

/// The OpenTelemetry GenAI metrics of a call that reached the model.
fn model(telemetry: &Telemetry, x: &GatewayExchange, outcome: &Outcome) {
    let Some(sent) = outcome.timings.sent else { return };
    let exchange = &x.exchange;
    let opening = exchange.opening();
    // model names come from callers: the telemetry caps the number of series and counts the rest as `other`
    let labels = [opening.target.operation, opening.upstream.provider.as_str(), exchange.model().unwrap_or("")];
    let error = match (outcome.failure, outcome.status) {
        (Some(failure), _) => failure.name(),
        (None, 400..) => "http_error",
        _ => "",
    };
    let ended = outcome.timings.upstream_end.unwrap_or(outcome.timings.total);
    let seconds = |d: Duration| d.as_secs_f64();
    let with_error = [labels[0], labels[1], labels[2], error];
    telemetry.observe(Metric::OperationDuration, &with_error, seconds(ended.saturating_sub(sent)));
    if let Some(first) = outcome.timings.first_byte.filter(|_| x.streams && outcome.messages.is_none()) {
        telemetry.observe(Metric::TimeToFirstToken, &labels, seconds(first.saturating_sub(sent)));
    }
    let usage = &exchange.report.usage;
    for (kind, count) in [("input", usage.input), ("output", usage.output)] {
        if let Some(count) = count {
            telemetry.observe(Metric::TokenUsage, &[labels[0], labels[1], labels[2], kind], count as f64);
        }
    }
}
