//! The end of an exchange: risk events, the decision record, metrics.

use super::exchange::GatewayExchange;
use super::retries::is_repeated;
use crate::audit::{
    DecisionRecord, FindingRecord, HoldbackRecord, MessagesRecord, PrincipalRecord, ReceiptRecord, RiskRecord,
    Statement, TimingRecord, TokensRecord, UninspectedRecord,
};
use crate::diagnostic::reader::Choice;
use crate::exchange::report::Report;
use crate::policy::{Action, Mode};
use crate::proxy::guard::{Delivery, Outcome};
use crate::risk::Event;
use std::time::{Duration, Instant};

/// The name of an action in records and headers.
pub(super) fn name(action: Action) -> &'static str {
    action.name()
}

/// Writes the record, counts, and adds to the user's risk.
pub(super) fn finish(x: &mut GatewayExchange, outcome: &Outcome) {
    let report = &x.exchange.report;
    let action = report.action.unwrap_or(Action::Allow);
    add_risk(x, report, action);
    super::metrics::count(&x.shared.telemetry, x, action, outcome);
    x.shared.records.write(record(x, outcome, action));
    if let Some(attempt) = x.attempt
        && (is_repeated(outcome.status) || outcome.delivery != Delivery::Complete)
    {
        let first = x.retry_of.as_deref().unwrap_or(&x.exchange.opening().id);
        x.shared.retries.failed(attempt, first, Instant::now());
    }
}

/// What a user sends counts; what a model answers or a tool returns is not his doing.
fn add_risk(x: &GatewayExchange, report: &Report, action: Action) {
    for found in report.found.iter().filter(|f| f.sent_by_user()) {
        x.shared.ledger.record(
            &x.exchange.opening().risk_key,
            Event {
                at: x.received,
                rule: found.rule.as_str().into(),
                category: found.category.as_str().into(),
                severity: found.severity,
                confidence: found.confidence,
                fingerprint: found.fingerprint.clone(),
                action,
            },
        );
    }
}

fn record(x: &GatewayExchange, outcome: &Outcome, action: Action) -> DecisionRecord {
    let exchange = &x.exchange;
    let (opening, report) = (exchange.opening(), &exchange.report);
    let mut faults: Vec<String> = (report.faults.iter())
        .map(|f| format!("{}: {}: {}", f.phase, f.fault, if f.open { "open" } else { "closed" }))
        .collect();
    if let Some(failure) = outcome.failure
        && !report.faults.iter().any(|f| f.fault == failure.name())
    {
        faults.push(format!("{}: {}: closed", failure.phase(), failure.name()));
    }
    DecisionRecord {
        kind: DecisionRecord::KIND,
        time: x.received,
        id: opening.id.clone(),
        generation: exchange.judge().generation,
        policy: exchange.judge().policies.versions().to_owned(),
        mode: report.mode.unwrap_or(Mode::Enforce).name(),
        principal: PrincipalRecord::from(&opening.principal),
        risk: RiskRecord { score: opening.score, band: opening.band.name() },
        upstream: opening.upstream.name.clone(),
        provider: opening.upstream.provider.clone(),
        model: exchange.model().map(str::to_owned),
        operation: opening.target.operation.to_owned(),
        stream: x.streams,
        action: action.name(),
        would: report.would.unwrap_or(action).name(),
        statements: report.statements.iter().map(Statement::from).collect(),
        findings: report.found.iter().map(FindingRecord::from).collect(),
        receipt: ReceiptRecord {
            inspected_bytes: report.receipt.inspected_bytes(),
            uninspected: report.receipt.uninspected.iter().map(UninspectedRecord::from).collect(),
        },
        timing_us: timing(report, outcome),
        tokens: TokensRecord::from(report.usage),
        messages: outcome.messages.map(|m| MessagesRecord { from_client: m.from_client, to_client: m.to_client }),
        holdback: report.held.map(HoldbackRecord::from),
        status: outcome.status,
        trace_id: x.trace_id.clone(),
        retry: x.retry,
        retry_of: x.retry_of.clone(),
        coach: action == Action::Coach,
        faults,
    }
}

/// Microseconds of each phase. The overhead is what the gateway itself took: judging, not waiting for either side.
fn timing(report: &Report, outcome: &Outcome) -> TimingRecord {
    let us = |d: Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
    let phases = &report.phases;
    let timings = &outcome.timings;
    TimingRecord {
        receive: timings.body.map(us),
        decode: Some(us(phases.decode)),
        scan: Some(us(phases.scan)),
        decide: Some(us(phases.decide)),
        act: Some(us(phases.act)),
        upstream_first_byte: timings.first_byte.zip(timings.sent).map(|(first, sent)| us(first.saturating_sub(sent))),
        total: Some(us(timings.total)),
        overhead: Some(us(phases.decode + phases.scan + phases.decide + phases.act)),
    }
}
