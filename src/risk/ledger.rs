//! Everybody's risk, in memory, bounded (P7).

use super::{Assessment, Band, Contribution, Event, Formula, History, Signal};
use crate::diagnostic::reader::Choice;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Independent parts, so that requests of different users seldom wait for each other.
const SHARDS: usize = 16;

/// The histories of all principals, by risk key.
pub struct Ledger {
    formula: Formula,
    /// Principals kept per shard.
    capacity: usize,
    hasher: RandomState,
    shards: Vec<Mutex<HashMap<String, History>>>,
}

impl Ledger {
    /// Keeps about `users` principals; when full, those whose risk has decayed most are forgotten first.
    pub fn new(formula: Formula, users: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { formula, capacity: users.div_ceil(SHARDS).max(1), hasher: RandomState::new(), shards }
    }

    pub fn formula(&self) -> &Formula {
        &self.formula
    }

    /// Adds an event to the history of `key` (see [`crate::principal::Principal::risk_key`]).
    pub fn record(&self, key: &str, event: Event) {
        let now = event.at;
        self.with(key, now, |formula, history| history.record(formula, event));
    }

    /// Takes a judgement from outside about `key`.
    pub fn signal(&self, key: &str, signal: Signal, now: SystemTime) {
        self.with(key, now, |formula, history| history.signal(formula, signal));
    }

    /// Score and band of `key` at `now`, the band never below `floor`.
    pub fn assess(&self, key: &str, floor: Band, now: SystemTime) -> Assessment {
        match self.shard(key).get(key) {
            Some(history) => history.assess(&self.formula, floor, now),
            None => Assessment { score: 0.0, band: floor, sum: 0.0 },
        }
    }

    /// Each contribution to the score of `key` at `now`, heaviest first.
    pub fn explain(&self, key: &str, now: SystemTime) -> Vec<Contribution> {
        self.shard(key).get(key).map(|h| h.explain(&self.formula, now)).unwrap_or_default()
    }

    /// How many known principals are in each band at `now`, for metrics.
    pub fn census(&self, now: SystemTime) -> [(Band, usize); 4] {
        let mut count = Band::ALL.map(|band| (band, 0));
        for shard in &self.shards {
            for history in lock(shard).values() {
                count[history.assess(&self.formula, Band::Low, now).band as usize].1 += 1;
            }
        }
        count
    }

    fn with(&self, key: &str, now: SystemTime, change: impl FnOnce(&Formula, &mut History)) {
        let mut shard = self.shard(key);
        if !shard.contains_key(key) {
            if shard.len() >= self.capacity {
                self.make_room(&mut shard, now);
            }
            shard.insert(key.to_owned(), History::default());
        }
        change(&self.formula, shard.get_mut(key).expect("the history was inserted above"));
    }

    /// Forgets the eighth whose risk has decayed most, so that a full shard does not search on every newcomer.
    fn make_room(&self, shard: &mut HashMap<String, History>, now: SystemTime) {
        let mut weights: Vec<f64> = shard.values().map(|h| h.importance(&self.formula, now)).collect();
        let nth = weights.len() / 8;
        let (_, limit, _) = weights.select_nth_unstable_by(nth, f64::total_cmp);
        let limit = *limit;
        let mut to_forget = nth + 1;
        shard.retain(|_, h| {
            let forget = to_forget > 0 && h.importance(&self.formula, now) <= limit;
            to_forget -= usize::from(forget);
            !forget
        });
    }

    fn shard(&self, key: &str) -> MutexGuard<'_, HashMap<String, History>> {
        let shard = self.hasher.hash_one(key) as usize % SHARDS;
        lock(&self.shards[shard])
    }
}

/// A history is changed by arithmetic alone, so one left by a panicking thread is still a history.
fn lock(shard: &Mutex<HashMap<String, History>>) -> MutexGuard<'_, HashMap<String, History>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A contribution as `risk show` prints it: `8.00 = high 8.0 × confidence 1.0 × novelty 1.00, decayed to 4.00: …`.
impl std::fmt::Display for Contribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        use super::Cause;
        write!(f, "{:>6.2}  ", self.weight)?;
        match &self.cause {
            Cause::Event { rule, action, severity, confidence, novelty, at } => write!(
                f,
                "`{rule}` at {}: severity {severity} × confidence {confidence} × novelty {novelty:.2}, message: {}",
                humantime::format_rfc3339_seconds(*at),
                action.name()
            ),
            Cause::Drip { category, distinct, at } => write!(
                f,
                "{distinct} distinct values of `{category}` within the drip window, at {}",
                humantime::format_rfc3339_seconds(*at)
            ),
            Cause::Signal { source, expires } => {
                write!(f, "signal of `{source}` until {}", humantime::format_rfc3339_seconds(*expires))
            }
            Cause::Earlier => write!(f, "earlier events"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::{Confidence, Severity};
    use crate::policy::Action;
    use std::time::Duration;

    fn event(at: SystemTime, severity: Severity) -> Event {
        Event {
            at,
            rule: "secret_aws_access_key".into(),
            category: "secret".into(),
            severity,
            confidence: Confidence::High,
            fingerprint: "0123456789abcdef".to_owned(),
            action: Action::Block,
        }
    }

    #[test]
    fn users_have_their_own_scores_and_strangers_the_floor() {
        let ledger = Ledger::new(Formula::default(), 100);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        ledger.record("maria", event(now, Severity::Critical));
        assert_eq!(ledger.assess("maria", Band::Low, now).band, Band::Medium);
        assert_eq!(ledger.assess("jun", Band::Low, now).band, Band::Low);
        assert_eq!(ledger.assess("anonymous@192.0.2.1", Band::Medium, now).band, Band::Medium);
        assert_eq!(ledger.census(now)[Band::Medium as usize], (Band::Medium, 1));
        let shown = ledger.explain("maria", now)[0].to_string();
        assert!(shown.contains("`secret_aws_access_key`") && shown.contains("20.00"), "{shown}");
    }

    #[test]
    fn p7_the_ledger_is_bounded_and_forgets_the_least_risky() {
        let ledger = Ledger::new(Formula::default(), 160);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        ledger.record("risky", event(now, Severity::Critical));
        for user in 0..5_000 {
            ledger.record(&format!("user-{user}"), event(now, Severity::Low));
        }
        let kept: usize = ledger.census(now).iter().map(|(_, n)| n).sum();
        assert!(kept <= 160, "{kept}");
        assert!(ledger.assess("risky", Band::Low, now).score > 0.0);
    }
}
