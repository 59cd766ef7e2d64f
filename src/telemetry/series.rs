//! The series of one metric, and each thread's memory of those it has used.

use super::histogram::AtomicHistogram;
use super::table::{Kind, Metric, Row};
use prometheus_client::encoding::{
    EncodeLabel, EncodeLabelSet, EncodeMetric, LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Series one metric may have; more are counted together under `other` (P7: labels come, in part, from traffic).
pub(super) const MAX_SERIES: usize = 2_000;
const OTHER: &str = "other";

type Values = Box<[Box<str>]>;

/// One series.
#[derive(Debug)]
pub struct Series(Value);

#[derive(Debug)]
enum Value {
    Counter(AtomicU64),
    Gauge(AtomicI64),
    Histogram(AtomicHistogram),
}

impl Series {
    fn new(kind: Kind) -> Self {
        Self(match kind {
            Kind::Counter => Value::Counter(AtomicU64::new(0)),
            Kind::Gauge => Value::Gauge(AtomicI64::new(0)),
            Kind::Histogram(bounds) => Value::Histogram(AtomicHistogram::new(bounds)),
        })
    }

    /// Adds to a counter.
    pub fn add(&self, amount: u64) {
        match &self.0 {
            Value::Counter(counter) => _ = counter.fetch_add(amount, Ordering::Relaxed),
            other => debug_assert!(false, "{other:?} is not a counter"),
        }
    }

    /// Sets a gauge.
    pub fn set(&self, value: i64) {
        match &self.0 {
            Value::Gauge(gauge) => gauge.store(value, Ordering::Relaxed),
            other => debug_assert!(false, "{other:?} is not a gauge"),
        }
    }

    /// Moves a gauge up or down.
    pub fn shift(&self, by: i64) {
        match &self.0 {
            Value::Gauge(gauge) => _ = gauge.fetch_add(by, Ordering::Relaxed),
            other => debug_assert!(false, "{other:?} is not a gauge"),
        }
    }

    fn encode(&self, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
        match &self.0 {
            Value::Counter(counter) => {
                encoder.encode_counter::<NoLabelSet, u64, u64>(&counter.load(Ordering::Relaxed), None)
            }
            Value::Gauge(gauge) => encoder.encode_gauge(&gauge.load(Ordering::Relaxed)),
            Value::Histogram(histogram) => {
                let (sum, count, buckets) = histogram.read();
                encoder.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
            }
        }
    }

    /// Adds an observation to a histogram.
    pub fn observe(&self, value: f64) {
        match &self.0 {
            Value::Histogram(histogram) => histogram.observe(value),
            other => debug_assert!(false, "{other:?} is not a histogram"),
        }
    }
}

/// All series of one metric.
#[derive(Debug)]
pub(super) struct Family {
    row: &'static Row,
    series: RwLock<BTreeMap<Values, Arc<Series>>>,
}

impl Family {
    pub(super) fn new(row: &'static Row) -> Self {
        let family = Self { row, series: RwLock::default() };
        if row.labels.is_empty() {
            // Exposed as zero from the start, so that rates and absences can be told apart.
            family.series(&[]);
        }
        family
    }

    pub(super) fn series(&self, labels: &[&str]) -> Arc<Series> {
        debug_assert_eq!(labels.len(), self.row.labels.len(), "labels of {}", self.row.name);
        let mut values: Values = labels.iter().map(|value| Box::from(*value)).collect();
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if series.len() >= MAX_SERIES && !series.contains_key(&values) {
            values = labels.iter().map(|_| Box::from(OTHER)).collect();
        }
        series.entry(values).or_insert_with(|| Arc::new(Series::new(self.row.kind))).clone()
    }
}

struct Remembered {
    instance: u64,
    metric: Metric,
    values: Values,
    series: Arc<Series>,
}

/// Updates a series through the calling thread's memory of it.
pub(super) fn cached(instance: u64, metric: Metric, family: &Family, labels: &[&str], update: impl FnOnce(&Series)) {
    thread_local! {
        static MEMORY: RefCell<HashMap<u64, Remembered, BuildHasherDefault<DefaultHasher>>> = RefCell::default();
    }
    let key = BuildHasherDefault::<DefaultHasher>::default().hash_one((instance, metric as usize, labels));
    MEMORY.with_borrow_mut(|memory| {
        if let Some(known) = memory.get(&key)
            && known.instance == instance
            && known.metric == metric
            && known.values.iter().map(|value| &**value).eq(labels.iter().copied())
        {
            update(&known.series);
            return;
        }
        let series = family.series(labels);
        update(&series);
        // What does not fit is simply not remembered: values from traffic must not fill the memory.
        if memory.len() < MAX_SERIES {
            let values = labels.iter().map(|value| Box::from(*value)).collect();
            memory.insert(key, Remembered { instance, metric, values, series });
        }
    });
}

/// A family as the registry reads it.
#[derive(Debug)]
pub(super) struct Exposed(pub(super) Arc<Family>);

struct LabelSet<'a>(&'a [&'static str], &'a [Box<str>]);

impl EncodeLabelSet for LabelSet<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        for (name, value) in self.0.iter().zip(self.1) {
            (*name, &**value).encode(encoder.encode_label())?;
        }
        Ok(())
    }
}

impl EncodeMetric for Exposed {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Family { row, series } = &*self.0;
        for (values, series) in series.read().unwrap_or_else(PoisonError::into_inner).iter() {
            if values.is_empty() {
                series.encode(&mut encoder)?;
            } else {
                series.encode(&mut encoder.encode_family(&LabelSet(row.labels, values))?)?;
            }
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        match self.0.row.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram(_) => MetricType::Histogram,
        }
    }
}
