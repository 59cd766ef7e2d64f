//! One principal's events, and what they add up to.
//!
//! Every weight decays with the same half-life, so the sum can be kept as one number and a time; the events themselves are
//! kept to explain it. What is forgotten for space still counts, as `earlier`.

use super::{Band, Formula};
use crate::pack::{Confidence, Severity};
use crate::policy::Action;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Events kept to explain a score.
const KEPT_EVENTS: usize = 128;
/// Values remembered to tell retries from new leaks.
const KEPT_VALUES: usize = 512;
/// Signals from outside kept at once; the one that expires first makes room.
const KEPT_SIGNALS: usize = 16;
/// Contributions that have decayed below this weight are no longer listed.
const NEGLIGIBLE: f64 = 0.005;

/// One value that a principal sent, as risk sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at: SystemTime,
    pub rule: Arc<str>,
    pub category: Arc<str>,
    pub severity: Severity,
    pub confidence: Confidence,
    /// Keyed fingerprint of the value.
    pub fingerprint: String,
    /// What was done with the message; for the explanation, it has no weight.
    pub action: Action,
}

/// A judgement from outside: SIEM, HR, EDR.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// A new signal replaces the earlier one of the same source.
    pub source: String,
    /// In the unit of the sum: a certain value of critical severity weighs 20. Counts in full until it expires.
    pub weight: f64,
    pub expires: SystemTime,
}

/// Where a part of a score comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause {
    Event {
        rule: Arc<str>,
        action: Action,
        severity: f64,
        confidence: f64,
        novelty: f64,
        at: SystemTime,
    },
    /// So many distinct values of a category within the window.
    Drip {
        category: Arc<str>,
        distinct: usize,
        at: SystemTime,
    },
    Signal {
        source: String,
        expires: SystemTime,
    },
    /// Events no longer listed one by one.
    Earlier,
}

/// One part of a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    pub cause: Cause,
    /// What it adds to the sum now, decay included.
    pub weight: f64,
}

/// A principal's risk at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// 0–100.
    pub score: f64,
    pub band: Band,
    /// The sum the score comes from.
    pub sum: f64,
}

/// One principal's events and what they add up to.
#[derive(Debug, Clone)]
pub struct History {
    /// Decayed sum of every weight, at `as_of`.
    sum: f64,
    as_of: SystemTime,
    /// Band at `as_of`, for the hysteresis.
    band: Band,
    /// Oldest first, with the weight each had at its time.
    contributions: VecDeque<(SystemTime, Contribution)>,
    values: HashMap<String, Sighting>,
    drips: BTreeMap<Arc<str>, VecDeque<(SystemTime, String)>>,
    signals: Vec<Signal>,
}

#[derive(Debug, Clone)]
struct Sighting {
    last: SystemTime,
    times: u32,
}

impl Default for History {
    fn default() -> Self {
        Self {
            sum: 0.0,
            as_of: SystemTime::UNIX_EPOCH,
            band: Band::Low,
            contributions: VecDeque::new(),
            values: HashMap::new(),
            drips: BTreeMap::new(),
            signals: Vec::new(),
        }
    }
}

impl History {
    /// Adds an event.
    pub fn record(&mut self, formula: &Formula, event: Event) {
        let novelty = self.novelty(formula, &event);
        if novelty == 0.0 {
            return;
        }
        let (severity, confidence) = (Formula::severity(event.severity), Formula::confidence(event.confidence));
        let cause = Cause::Event {
            rule: event.rule.clone(),
            action: event.action,
            severity,
            confidence,
            novelty,
            at: event.at,
        };
        self.add(formula, event.at, Contribution { cause, weight: severity * confidence * novelty });
        if let Some(distinct) = self.drip(formula, &event) {
            let cause = Cause::Drip { category: event.category, distinct, at: event.at };
            self.add(formula, event.at, Contribution { cause, weight: Formula::severity(Severity::Critical) });
        }
    }

    /// Takes a judgement from outside.
    pub fn signal(&mut self, formula: &Formula, signal: Signal) {
        let weight = if signal.weight.is_finite() { signal.weight.max(0.0) } else { 0.0 };
        self.signals.retain(|s| s.source != signal.source);
        if self.signals.len() >= KEPT_SIGNALS {
            let first = (0..self.signals.len()).min_by_key(|i| self.signals[*i].expires);
            self.signals.swap_remove(first.expect("signals are kept, so one expires first"));
        }
        self.signals.push(Signal { weight, ..signal });
        let as_of = self.as_of;
        self.band = formula.band(formula.score(self.sum_at(formula, as_of)), self.band);
    }

    /// Score and band at `now`; never below `floor`.
    pub fn assess(&self, formula: &Formula, floor: Band, now: SystemTime) -> Assessment {
        let sum = self.sum_at(formula, now);
        let score = formula.score(sum);
        Assessment { score, band: formula.band(score, self.band).max(floor), sum }
    }

    /// Each part of the sum at `now`, heaviest first.
    pub fn explain(&self, formula: &Formula, now: SystemTime) -> Vec<Contribution> {
        let mut parts: Vec<Contribution> = self
            .contributions
            .iter()
            .map(|(at, c)| Contribution { cause: c.cause.clone(), weight: c.weight * formula.decay(age(*at, now)) })
            .collect();
        let listed: f64 = parts.iter().map(|c| c.weight).sum();
        let earlier = self.sum * formula.decay(age(self.as_of, now)) - listed;
        parts.push(Contribution { cause: Cause::Earlier, weight: earlier });
        parts.extend(self.live_signals(now).map(|s| Contribution {
            cause: Cause::Signal { source: s.source.clone(), expires: s.expires },
            weight: s.weight,
        }));
        parts.retain(|c| c.weight >= NEGLIGIBLE);
        parts.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        parts
    }

    /// Orders histories by what they add up to at any one time: the least matters least. Signals keep a history alive.
    pub(super) fn importance(&self, formula: &Formula, now: SystemTime) -> f64 {
        self.sum_at(formula, now)
    }

    fn sum_at(&self, formula: &Formula, now: SystemTime) -> f64 {
        let signals: f64 = self.live_signals(now).map(|s| s.weight).sum();
        self.sum * formula.decay(age(self.as_of, now)) + signals
    }

    fn live_signals(&self, now: SystemTime) -> impl Iterator<Item = &Signal> {
        self.signals.iter().filter(move |s| s.expires > now)
    }

    fn add(&mut self, formula: &Formula, at: SystemTime, contribution: Contribution) {
        let latest = at.max(self.as_of);
        self.band = formula.band(formula.score(self.sum_at(formula, latest)), self.band);
        self.sum =
            self.sum * formula.decay(age(self.as_of, latest)) + contribution.weight * formula.decay(age(at, latest));
        self.as_of = latest;
        if self.contributions.len() >= KEPT_EVENTS {
            self.contributions.pop_front();
        }
        self.contributions.push_back((at, contribution));
        self.band = formula.band(formula.score(self.sum_at(formula, latest)), self.band);
    }

    /// How new the value is: 0 for a retry, then less with each separate sighting.
    fn novelty(&mut self, formula: &Formula, event: &Event) -> f64 {
        if let Some(seen) = self.values.get_mut(&event.fingerprint) {
            let retry = age(seen.last, event.at) < formula.retry_window;
            seen.last = seen.last.max(event.at);
            if retry {
                return 0.0;
            }
            seen.times = seen.times.saturating_add(1);
            return Formula::novelty(seen.times);
        }
        if self.values.len() >= KEPT_VALUES {
            let mut times: Vec<SystemTime> = self.values.values().map(|s| s.last).collect();
            let (_, median, _) = times.select_nth_unstable(KEPT_VALUES / 2);
            let median = *median;
            self.values.retain(|_, s| s.last > median);
        }
        self.values.insert(event.fingerprint.clone(), Sighting { last: event.at, times: 1 });
        Formula::novelty(1)
    }

    /// Counts distinct values of the event's category; the count if it makes one large leak now.
    fn drip(&mut self, formula: &Formula, event: &Event) -> Option<usize> {
        let Formula { drip, .. } = formula;
        let seen = self.drips.entry(event.category.clone()).or_default();
        seen.retain(|(at, _)| age(*at, event.at) < drip.window);
        if !seen.iter().any(|(_, f)| *f == event.fingerprint) {
            seen.push_back((event.at, event.fingerprint.clone()));
        }
        let distinct = seen.len();
        let large = distinct >= drip.distinct.max(1);
        if large {
            seen.clear();
        }
        self.drips.retain(|_, seen| !seen.is_empty());
        large.then_some(distinct)
    }
}

/// Time from `then` to `now`; zero when the clock went back.
fn age(then: SystemTime, now: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::simulate;
    use proptest::prelude::*;

    const T0: SystemTime = SystemTime::UNIX_EPOCH;

    fn event(seconds: u64, severity: Severity, fingerprint: &str) -> Event {
        Event {
            at: T0 + Duration::from_secs(seconds),
            rule: "r".into(),
            category: "tax_id".into(),
            severity,
            confidence: Confidence::High,
            fingerprint: fingerprint.to_owned(),
            action: Action::Redact,
        }
    }

    fn at(seconds: u64) -> SystemTime {
        T0 + Duration::from_secs(seconds)
    }

    #[test]
    fn a_retry_adds_nothing_and_a_later_sighting_less() {
        let formula = Formula { half_life: Duration::from_secs(u64::from(u32::MAX) * 1000), ..Formula::default() };
        let mut events = vec![event(0, Severity::High, "a"), event(60, Severity::High, "a")];
        let once = simulate(&formula, &events[..1], &[], Band::Low, at(60)).sum;
        assert!((simulate(&formula, &events, &[], Band::Low, at(60)).sum - once).abs() < 1e-6);
        events.push(event(60 + 3600, Severity::High, "a"));
        let twice = simulate(&formula, &events, &[], Band::Low, at(3660)).sum;
        assert!((twice - 1.5 * once).abs() < 1e-3, "{twice} {once}");
    }

    #[test]
    fn ten_small_leaks_weigh_as_one_large_one() {
        let formula = Formula::default();
        let drip: Vec<Event> = (0..10).map(|i| event(i, Severity::Low, &format!("v{i}"))).collect();
        let large = [event(9, Severity::Critical, "x")];
        let nine = simulate(&formula, &drip[..9], &[], Band::Low, at(9)).sum;
        let ten = simulate(&formula, &drip, &[], Band::Low, at(9)).sum;
        assert!(nine < simulate(&formula, &large, &[], Band::Low, at(9)).sum);
        assert!(ten >= simulate(&formula, &large, &[], Band::Low, at(9)).sum);
    }

    #[test]
    fn the_parts_add_up_to_the_sum_even_when_events_are_forgotten() {
        let formula = Formula::default();
        let mut history = History::default();
        for i in 0..1000 {
            history.record(&formula, event(i * 10, Severity::Medium, &format!("v{i}")));
        }
        history.signal(&formula, Signal { source: "siem".to_owned(), weight: 5.0, expires: at(20_000) });
        let now = at(10_000);
        let parts = history.explain(&formula, now);
        let total: f64 = parts.iter().map(|c| c.weight).sum();
        assert!((total - history.assess(&formula, Band::Low, now).sum).abs() < 0.01 * KEPT_EVENTS as f64);
        assert!(parts.iter().any(|c| c.cause == Cause::Earlier));
        assert!(history.values.len() <= KEPT_VALUES && history.contributions.len() <= KEPT_EVENTS);
    }

    #[test]
    fn a_signal_counts_until_it_expires_and_is_replaced_by_its_source() {
        let formula = Formula::default();
        let signal = |weight| Signal { source: "edr".to_owned(), weight, expires: at(100) };
        let got = |now| simulate(&formula, &[], &[signal(90.0), signal(40.0)], Band::Low, at(now));
        assert!((got(99).sum - 40.0).abs() < 1e-9);
        assert_eq!((got(99).band, got(100).band), (Band::High, Band::Low));
        assert_eq!(simulate(&formula, &[], &[signal(f64::NAN)], Band::Low, at(0)).score, 0.0);
    }

    #[test]
    fn the_floor_holds_for_those_nobody_vouches_for() {
        let formula = Formula::default();
        let got = simulate(&formula, &[], &[], formula.anonymous_floor, at(0));
        assert_eq!((got.score, got.band), (0.0, Band::Medium));
    }

    #[test]
    fn a_band_is_kept_until_the_score_is_clearly_below_it() {
        let formula = Formula::default();
        let events: Vec<Event> = (0..2).map(|i| event(0, Severity::High, &format!("v{i}"))).collect();
        let band = |days: f64| simulate(&formula, &events, &[], Band::Low, at((days * 86_400.0) as u64));
        assert_eq!(band(0.0).band, Band::Medium);
        let later = band(1.5);
        assert!(later.score < 30.0 && later.score > 25.0, "{}", later.score);
        assert_eq!(later.band, Band::Medium);
        assert_eq!(band(7.0).band, Band::Low);
    }

    fn events() -> impl Strategy<Value = Vec<Event>> {
        let one = (0u64..2_000_000, 0usize..4, 0usize..3, 0u8..20).prop_map(|(t, s, c, f)| {
            let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
            let confidences = [Confidence::Low, Confidence::Medium, Confidence::High];
            Event { confidence: confidences[c], ..event(t, severities[s], &f.to_string()) }
        });
        prop::collection::vec(one, 0..40).prop_map(|mut events| {
            events.sort_by_key(|e| e.at);
            events
        })
    }

    proptest! {
        #[test]
        fn the_score_is_bounded(events in events(), now in 0u64..4_000_000) {
            let got = simulate(&Formula::default(), &events, &[], Band::Low, at(now));
            prop_assert!((0.0..=100.0).contains(&got.score), "{}", got.score);
        }

        #[test]
        fn one_more_event_never_lowers_the_score(events in events()) {
            let formula = Formula::default();
            let now = at(2_000_000);
            let mut before = 0.0;
            for n in 0..=events.len() {
                let score = simulate(&formula, &events[..n], &[], Band::Low, now).score;
                prop_assert!(score >= before - 1e-9);
                before = score;
            }
        }

        #[test]
        fn retries_do_not_inflate(events in events(), repeats in 1usize..5) {
            let formula = Formula::default();
            let retried: Vec<Event> =
                events.iter().flat_map(|e| std::iter::repeat_n(e.clone(), repeats)).collect();
            let now = at(2_000_000);
            let once = simulate(&formula, &events, &[], Band::Low, now).score;
            prop_assert!((simulate(&formula, &retried, &[], Band::Low, now).score - once).abs() < 1e-9);
        }

        #[test]
        fn the_sum_halves_with_each_half_life(events in events()) {
            let formula = Formula::default();
            let now = at(2_000_000);
            let sum = simulate(&formula, &events, &[], Band::Low, now).sum;
            let later = simulate(&formula, &events, &[], Band::Low, now + formula.half_life).sum;
            prop_assert!((later - sum / 2.0).abs() <= 1e-9 * sum.max(1.0));
        }
    }
}
