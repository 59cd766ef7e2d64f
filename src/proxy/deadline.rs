//! A timer that is moved far more often than it fires.
//!
//! Moving it later only stores an instant; the runtime's timer is touched when it fires early, or when it must fire sooner.

use super::failure::Failure;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Debug)]
pub(super) struct Deadline {
    sleep: Pin<Box<Sleep>>,
    at: Instant,
}

impl Deadline {
    pub(super) fn at(at: Instant) -> Self {
        Self { sleep: Box::pin(sleep_until(at)), at }
    }

    pub(super) fn after(span: Duration) -> Self {
        Self::at(Instant::now() + span)
    }

    pub(super) fn due(&self) -> Instant {
        self.at
    }

    pub(super) fn set(&mut self, at: Instant) {
        self.at = at;
        if at < self.sleep.deadline() {
            self.sleep.as_mut().reset(at);
        }
    }

    /// Ready once the instant set last has passed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            if self.at <= self.sleep.deadline() {
                return Poll::Ready(());
            }
            self.sleep.as_mut().reset(self.at);
        }
    }

    /// Runs `future` until it ends or the deadline passes; `None` is the latter.
    pub(super) async fn limit<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => self.poll(cx).map(|()| None),
        })
        .await
    }
}

/// The deadline of whatever an exchange waits for now, never later than that of the exchange.
#[derive(Debug)]
pub(super) struct Pace {
    pub(super) deadline: Deadline,
    total_at: Instant,
    idle: Duration,
}

impl Pace {
    /// For an exchange that began at `received` and may take `total`, with at most `idle` between pieces of the answer.
    pub(super) fn new(received: Instant, total: Duration, idle: Duration) -> Self {
        let total_at = received + total;
        Self { deadline: Deadline::at(total_at), total_at, idle }
    }

    /// Waits at most `span` from now.
    pub(super) fn within(&mut self, span: Duration) {
        self.deadline.set(self.total_at.min(Instant::now() + span));
    }

    /// Waits for the next piece of an answer.
    pub(super) fn next_piece(&mut self) {
        self.within(self.idle);
    }

    /// Which deadline has passed: `phase`, or that of the whole exchange.
    pub(super) fn missed(&self, phase: Failure) -> Failure {
        if self.deadline.due() >= self.total_at { Failure::TotalTimeout } else { phase }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fires_at_the_instant_set_last() {
        let start = Instant::now();
        let ms = Duration::from_millis;
        let mut deadline = Deadline::after(ms(10));
        deadline.set(start + ms(60));
        assert!(deadline.limit(std::future::pending::<()>()).await.is_none());
        assert!(start.elapsed() >= ms(60));

        let start = Instant::now();
        let mut deadline = Deadline::after(Duration::from_secs(3600));
        deadline.set(start + ms(5));
        assert!(deadline.limit(std::future::pending::<()>()).await.is_none());
        assert!(start.elapsed() < Duration::from_secs(60));
        assert_eq!(deadline.limit(std::future::ready(7)).await, Some(7));
    }
}
