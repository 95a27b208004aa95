//! Histograms and totals for Python: the coordinator's side.

use crate::stats::recorder::Sink;
use crate::stats::tags::{Contains, Kind, Metric, Tags};
use crate::stats::{totals, wire, Histogram as Inner};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A distribution: exact count, sum, min and max; percentiles within 0.1 %. Empty: NaN.
#[pyclass(frozen, module = "sonagi._core")]
pub struct Histogram(Mutex<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[pymethods]
impl Histogram {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// Record `value` `count` times. Raises ValueError for what is no finite number.
    #[pyo3(signature = (value, count=1))]
    fn record(&self, value: f64, count: u64) -> PyResult<()> {
        match lock(&self.0).record_many(value, count) {
            true => Ok(()),
            false => Err(PyValueError::new_err(format!(
                "a measured value is a finite number, not {value}"
            ))),
        }
    }

    fn merge(&self, other: &Bound<'_, Histogram>) {
        let other = lock(&other.get().0).clone();
        lock(&self.0).merge(&other);
    }

    #[getter]
    fn count(&self) -> u64 {
        lock(&self.0).count()
    }

    #[getter]
    fn sum(&self) -> f64 {
        lock(&self.0).sum()
    }

    #[getter]
    fn min(&self) -> f64 {
        lock(&self.0).min()
    }

    #[getter]
    fn max(&self) -> f64 {
        lock(&self.0).max()
    }

    #[getter]
    fn mean(&self) -> f64 {
        lock(&self.0).mean()
    }

    /// The value at `percent`, 0 to 100, interpolated as k6 does.
    fn percentile(&self, percent: f64) -> f64 {
        lock(&self.0).percentile(percent)
    }

    /// Bytes with `precision` bits a value: 10 keeps everything.
    #[pyo3(signature = (precision=10))]
    fn encode<'py>(&self, py: Python<'py>, precision: u8) -> Bound<'py, PyBytes> {
        let mut out = Vec::new();
        lock(&self.0).encode(precision, &mut out);
        PyBytes::new(py, &out)
    }

    /// What `encode` wrote. Raises ValueError for anything else.
    #[staticmethod]
    fn decode(data: &[u8]) -> PyResult<Self> {
        let inner = Inner::decode(&mut wire::Bytes(data));
        inner
            .map(|inner| Self(Mutex::new(inner)))
            .ok_or_else(|| PyValueError::new_err("not an encoded histogram"))
    }
}

/// The head of a frame that was merged.
#[pyclass(frozen, get_all, module = "sonagi._core")]
pub struct FrameHead {
    worker: u32,
    sequence: u64,
    monotonic_ns: u64,
    wall_ns: u64,
    notes: Vec<(String, String)>,
}

/// A whole run, merged from frames. `tags` selects the series that carry all of them.
#[pyclass(frozen, module = "sonagi._core")]
pub struct Totals(Mutex<totals::Totals>);

type Selection = Option<HashMap<String, String>>;

impl Totals {
    fn select(&self, metric: &str, tags: Selection) -> Option<Sink> {
        let tags: Tags = tags.unwrap_or_default().into_iter().collect();
        lock(&self.0).select(metric, &tags)
    }
}

#[pymethods]
impl Totals {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// Add a frame. Raises ValueError, and adds nothing, when the bytes are none.
    fn merge(&self, frame: &[u8]) -> PyResult<FrameHead> {
        let head = lock(&self.0)
            .merge(frame)
            .ok_or_else(|| PyValueError::new_err("not a frame"))?;
        Ok(FrameHead {
            worker: head.worker,
            sequence: head.sequence,
            monotonic_ns: head.monotonic_ns,
            wall_ns: head.wall_ns,
            notes: head.notes,
        })
    }

    /// Add one sample of the coordinator's own.
    #[pyo3(signature = (metric, kind, contains, value, tags=None))]
    fn add(
        &self,
        metric: &str,
        kind: &str,
        contains: &str,
        value: f64,
        tags: Selection,
    ) -> PyResult<()> {
        let kind = Kind::from_name(kind)
            .ok_or_else(|| PyValueError::new_err(format!("no kind of metric: {kind}")))?;
        let mut tags: Tags = tags.unwrap_or_default().into_iter().collect();
        tags.sort();
        let mut sink = Sink::new(kind);
        sink.add(value);
        let metric = Metric {
            name: metric.to_owned(),
            kind,
            contains: Contains::from_name(contains),
        };
        lock(&self.0).add(metric, tags, &sink);
        Ok(())
    }

    /// (name, kind, contains) of every metric seen, by name.
    fn metrics(&self) -> Vec<(String, &'static str, &'static str)> {
        let totals = lock(&self.0);
        totals
            .metrics()
            .map(|metric| {
                (
                    metric.name.clone(),
                    metric.kind.name(),
                    metric.contains.name(),
                )
            })
            .collect()
    }

    /// The tags of each series of `metric`.
    fn series(&self, metric: &str) -> Vec<HashMap<String, String>> {
        lock(&self.0)
            .series(metric)
            .map(|tags| tags.iter().cloned().collect())
            .collect()
    }

    #[pyo3(signature = (metric, tags=None))]
    fn counter(&self, metric: &str, tags: Selection) -> Option<f64> {
        match self.select(metric, tags)? {
            Sink::Counter(sum) => Some(sum),
            _ => None,
        }
    }

    /// (last, min, max)
    #[pyo3(signature = (metric, tags=None))]
    fn gauge(&self, metric: &str, tags: Selection) -> Option<(f64, f64, f64)> {
        match self.select(metric, tags)? {
            Sink::Gauge { last, min, max } => Some((last, min, max)),
            _ => None,
        }
    }

    /// (trues, total)
    #[pyo3(signature = (metric, tags=None))]
    fn rate(&self, metric: &str, tags: Selection) -> Option<(u64, u64)> {
        match self.select(metric, tags)? {
            Sink::Rate { trues, total } => Some((trues, total)),
            _ => None,
        }
    }

    #[pyo3(signature = (metric, tags=None))]
    fn trend(&self, metric: &str, tags: Selection) -> Option<Histogram> {
        match self.select(metric, tags)? {
            Sink::Trend(histogram) => Some(Histogram(Mutex::new(histogram))),
            _ => None,
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Histogram>()?;
    module.add_class::<FrameHead>()?;
    module.add_class::<Totals>()
}
