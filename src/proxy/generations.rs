//! The running generation of configuration and policies, and how a new one takes its place (P8).
//!
//! An exchange keeps the generation it began with. A load that fails leaves the running generation untouched.

use crate::telemetry::{Metric, Telemetry};
use arc_swap::ArcSwap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A guard and its number, counted from 1.
#[derive(Debug)]
pub struct Generation<G> {
    pub number: u64,
    pub guard: G,
}

/// Loads the guard of generation `number` from its files, or says what is wrong with them.
pub type Load<G> = Box<dyn Fn(u64) -> Result<G, String> + Send + Sync>;

/// What made a reload happen; a label of `portcullis_reloads_total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Signal,
    Admin,
    /// The content of a watched file changed.
    Content,
}

impl Cause {
    fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Admin => "admin",
            Self::Content => "content",
        }
    }
}

/// The running generation, and the way to the next.
pub struct Generations<G> {
    current: ArcSwap<Generation<G>>,
    load: Load<G>,
    loading: Mutex<()>,
    telemetry: Arc<Telemetry>,
}

impl<G> Generations<G> {
    /// Loads generation 1.
    ///
    /// # Errors
    /// The problems of the files, as `load` words them.
    pub fn new(load: Load<G>, telemetry: Arc<Telemetry>) -> Result<Self, String> {
        let first = Generation { number: 1, guard: load(1)? };
        telemetry.set(Metric::PolicyGeneration, &[], 1);
        Ok(Self { current: ArcSwap::from_pointee(first), load, loading: Mutex::new(()), telemetry })
    }

    pub fn current(&self) -> Arc<Generation<G>> {
        self.current.load_full()
    }

    /// Loads the next generation and swaps it in; returns its number.
    ///
    /// # Errors
    /// The problems of the files. They are also logged and counted, and the running generation stays.
    pub fn reload(&self, cause: Cause) -> Result<u64, String> {
        // One at a time, so that numbers follow the order of the swaps. The lock guards no data a panic could spoil.
        let _turn = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.current.load().number;
        let number = running + 1;
        let loaded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.load)(number)))
            .unwrap_or_else(|_| Err("loading the files failed with a panic; this is a bug".into()));
        match loaded {
            Ok(guard) => {
                self.current.store(Arc::new(Generation { number, guard }));
                self.telemetry.set(Metric::PolicyGeneration, &[], number as i64);
                self.telemetry.add(Metric::Reloads, &[cause.name(), "loaded"], 1);
                tracing::info!(generation = number, cause = cause.name(), "reloaded");
                Ok(number)
            }
            Err(problems) => {
                self.telemetry.add(Metric::Reloads, &[cause.name(), "refused"], 1);
                tracing::error!(
                    generation = running,
                    cause = cause.name(),
                    "reload refused, generation {running} keeps running:\n{problems}"
                );
                Err(problems)
            }
        }
    }
}

impl<G> fmt::Debug for Generations<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generations").field("current", &self.current.load().number).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn a_bad_load_never_replaces_a_good_one() {
        let calls = Arc::new(AtomicU64::new(0));
        let counted = calls.clone();
        let load: Load<String> = Box::new(move |number| match counted.fetch_add(1, Ordering::Relaxed) {
            1 => Err("bad file".into()),
            2 => panic!("bug"),
            _ => Ok(format!("guard {number}")),
        });
        let telemetry = Arc::new(Telemetry::new());
        let generations = Generations::new(load, telemetry.clone()).unwrap();
        let kept = generations.current();
        assert_eq!(generations.reload(Cause::Content), Err("bad file".into()));
        assert!(generations.reload(Cause::Signal).unwrap_err().contains("panic"));
        assert_eq!(generations.current().number, 1);
        assert_eq!(generations.reload(Cause::Admin), Ok(2));
        assert_eq!(generations.current().guard, "guard 2");
        assert_eq!(kept.guard, "guard 1");
        let text = telemetry.render();
        assert!(text.contains("portcullis_policy_generation 2\n"), "{text}");
        assert!(text.contains(r#"portcullis_reloads_total{cause="content",result="refused"} 1"#), "{text}");
        assert!(text.contains(r#"portcullis_reloads_total{cause="admin",result="loaded"} 1"#), "{text}");
    }
}
