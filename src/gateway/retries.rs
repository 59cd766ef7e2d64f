//! Recognises requests that an SDK sends again after a failure, so that what one person did once is told as one incident.
//!
//! SDKs repeat a request after an answer that says to try again or after none at all, and not otherwise. Only requests that
//! ended so are remembered: by the invocation id that AWS SDKs send, else by a keyed tag of the body (P4). Whoever sends the
//! same text twice by himself does it twice.

use crate::exchange::bounded::Bounded;
use crate::exchange::tag::{Tag, Tagger};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a request may be repeated: the SDKs wait at most for what `retry-after` says, and that up to a minute (OpenAI,
/// Anthropic), or 20 s (AWS) between attempts.
const WINDOW: Duration = Duration::from_secs(300);
/// Requests remembered; the oldest goes first.
const REMEMBERED: usize = 10_000;

/// Requests that failed so that SDKs repeat them.
pub struct Retries {
    tagger: Tagger,
    failed: Mutex<Failed>,
}

/// The id of the first attempt, and when the last one failed.
type Failed = Bounded<Attempt, (String, Instant)>;

/// What the attempts of one request have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt {
    user: Tag,
    request: Tag,
}

impl Default for Retries {
    fn default() -> Self {
        Self { tagger: Tagger::random(), failed: Mutex::new(Bounded::new(REMEMBERED)) }
    }
}

impl Retries {
    /// The attempt of `user` at a request: `invocation` names it, or its body does.
    pub fn attempt(&self, user: &str, invocation: Option<&str>, body: &[u8]) -> Attempt {
        let request = invocation.map_or(body, str::as_bytes);
        Attempt { user: self.tagger.tag(user.as_bytes()), request: self.tagger.tag(request) }
    }

    /// The id of the exchange that this attempt repeats.
    pub fn repeats(&self, attempt: &Attempt, now: Instant) -> Option<String> {
        let failed = self.lock();
        let (first, at) = failed.get(attempt)?;
        (now.saturating_duration_since(*at) < WINDOW).then(|| first.clone())
    }

    /// An attempt failed; `first` is the id of the first exchange of its kind.
    pub fn failed(&self, attempt: Attempt, first: &str, now: Instant) {
        self.lock().entry(attempt, || (first.to_owned(), now)).1 = now;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Failed> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether SDKs send a request again that was answered so: 499 stands for no answer at all.
pub fn is_repeated(status: u16) -> bool {
    matches!(status, 0 | 408 | 409 | 425 | 429 | 499 | 500..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_at_one_request_are_told_from_others() {
        let retries = Retries::default();
        let now = Instant::now();
        let attempt = retries.attempt("ana", None, b"{}");
        assert_eq!(retries.repeats(&attempt, now), None, "nothing has failed yet");
        retries.failed(attempt, "first", now);
        assert_eq!(retries.repeats(&retries.attempt("ana", None, b"{}"), now).as_deref(), Some("first"));
        assert_eq!(retries.repeats(&retries.attempt("ben", None, b"{}"), now), None, "users are apart");
        assert_eq!(retries.repeats(&retries.attempt("ana", None, b"[]"), now), None, "another body");
        assert_eq!(retries.repeats(&attempt, now + WINDOW), None, "too late for an SDK");
        // the same body in two invocations is two requests
        retries.failed(retries.attempt("ana", Some("a"), b"{}"), "second", now);
        assert_eq!(retries.repeats(&retries.attempt("ana", Some("a"), b""), now).as_deref(), Some("second"));
        assert_eq!(retries.repeats(&retries.attempt("ana", Some("b"), b"{}"), now), None);
    }

    #[test]
    fn p7_the_oldest_are_forgotten() {
        let retries = Retries::default();
        let now = Instant::now();
        for i in 0..=REMEMBERED {
            retries.failed(retries.attempt("ana", Some(&i.to_string()), b""), "id", now);
        }
        assert_eq!(retries.repeats(&retries.attempt("ana", Some("0"), b""), now), None);
        assert!(retries.repeats(&retries.attempt("ana", Some("1"), b""), now).is_some());
    }
}
