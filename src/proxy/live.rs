//! An exchange under way: makes sure that it is finished exactly once, whatever happens, and that a panic of the judge harms
//! only its own exchange.

use super::failure::Failure;
use super::guard::{Delivery, Guarded, Outcome, Timings};
use super::wire::Inspection;
use crate::telemetry::{Metric, Telemetry};
use http::{HeaderMap, StatusCode};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

/// nginx's status for a client that closed before the answer.
const CLIENT_CLOSED: u16 = 499;

/// Counts one failure; every one of them is closed.
pub(super) fn count(telemetry: &Telemetry, failure: Failure, outcome: &'static str) {
    telemetry.add(Metric::Faults, &[failure.phase(), failure.name(), outcome], 1);
}

/// Runs the judge; a panic becomes a failure. The panic's message goes where the panic hook sends it, not to the caller.
pub(super) fn guarded<T>(judge: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(judge)).map_err(|_| Failure::JudgePanicked)
}

/// An exchange between `begin` and `finish`.
pub(super) struct Live<E: Guarded> {
    pub(super) exchange: E,
    pub(super) outcome: Outcome,
    received: Instant,
    finished: bool,
    telemetry: Arc<Telemetry>,
}

impl<E: Guarded> Live<E> {
    pub(super) fn new(exchange: E, received: Instant, telemetry: Arc<Telemetry>) -> Box<Self> {
        let outcome = Outcome {
            status: CLIENT_CLOSED,
            delivery: Delivery::ClientGone,
            failure: None,
            request_bytes: 0,
            response_bytes: 0,
            messages: None,
            timings: Timings::default(),
        };
        Box::new(Self { exchange, outcome, received, finished: false, telemetry })
    }

    pub(super) fn judge<T>(&mut self, judge: impl FnOnce(&mut E) -> T) -> Result<T, Failure> {
        let result = guarded(|| judge(&mut self.exchange));
        if let Err(failure) = result {
            self.failed(failure);
        }
        result
    }

    /// Notes a failure.
    pub(super) fn failed(&mut self, failure: Failure) {
        self.outcome.failure.get_or_insert(failure);
        count(&self.telemetry, failure, "closed");
    }

    /// The response head goes out with `status` and `headers`.
    pub(super) fn head(&mut self, status: StatusCode, headers: &mut HeaderMap) {
        self.outcome.status = status.as_u16();
        // A panic costs the headers that explain the answer, which is already judged; it is counted.
        let _counted = self.judge(|exchange| exchange.response_headers(headers));
    }

    pub(super) fn body_received(&mut self) {
        self.outcome.timings.body = Some(self.received.elapsed());
    }

    pub(super) fn sent(&mut self) {
        self.outcome.timings.sent = Some(self.received.elapsed());
    }

    pub(super) fn first_byte(&mut self) {
        self.outcome.timings.first_byte = Some(self.received.elapsed());
    }

    pub(super) fn upstream_ended(&mut self) {
        self.outcome.timings.upstream_end = Some(self.received.elapsed());
    }

    pub(super) fn finish(&mut self, delivery: Delivery) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        self.outcome.delivery = delivery;
        self.outcome.timings.total = self.received.elapsed();
        let outcome = self.outcome;
        if guarded(|| self.exchange.finish(&outcome)).is_err() {
            count(&self.telemetry, Failure::JudgePanicked, "closed");
        }
    }
}

impl<E: Guarded> Drop for Live<E> {
    fn drop(&mut self) {
        self.finish(Delivery::ClientGone);
    }
}

/// Tells a connection's wire that an exchange is under way.
pub(super) struct Busy(Rc<Inspection>);

impl Busy {
    pub(super) fn begin(inspection: &Rc<Inspection>) -> Self {
        inspection.begin();
        Self(inspection.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.end();
    }
}
