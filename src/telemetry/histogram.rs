//! A histogram of atomics: observing takes no lock, unlike that of `prometheus-client`.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug)]
pub(super) struct AtomicHistogram {
    bounds: &'static [f64],
    /// One more than `bounds`: the last counts what is above all of them.
    counts: Box<[AtomicU64]>,
    /// Bits of the sum as `f64`.
    sum: AtomicU64,
}

impl AtomicHistogram {
    pub(super) fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum: AtomicU64::new(0) }
    }

    pub(super) fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        let add = |sum| Some((f64::from_bits(sum) + value).to_bits());
        self.sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).expect("the update always gives a value");
    }

    /// Sum, count, and the bounds (the last infinite) with their own, not cumulative, counts.
    pub(super) fn read(&self) -> (f64, u64, Vec<(f64, u64)>) {
        let bounds = self.bounds.iter().copied().chain([f64::INFINITY]);
        let buckets: Vec<_> = bounds.zip(self.counts.iter().map(|count| count.load(Ordering::Relaxed))).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        (f64::from_bits(self.sum.load(Ordering::Relaxed)), count, buckets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_its_bucket() {
        let histogram = AtomicHistogram::new(&[1.0, 2.0]);
        for value in [0.5, 1.0, 1.5, 2.0, 9.0] {
            histogram.observe(value);
        }
        assert_eq!(histogram.read(), (14.0, 5, vec![(1.0, 2), (2.0, 2), (f64::INFINITY, 1)]));
    }
}
