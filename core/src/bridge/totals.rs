//! Histograms and totals for Python: the coordinator's side.
//!
//! Both may be used from any thread: a lock is held while one answers, and never while Python runs.
//! Workers do not need them; they record into the core.

use crate::stats::frame::{self, Head};
use crate::stats::histogram::FULL_PRECISION;
use crate::stats::wire::Bytes;
use crate::stats::{totals, Contains, Histogram as Inner, Kind, Metric, Sink, Tags};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A distribution: exact count, sum, min and max; percentiles within 0.1 %. Empty: NaN.
#[pyclass(frozen, module = "sonagi._core")]
pub struct Histogram(Mutex<Inner>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_finite(value: f64) -> PyErr {
    PyValueError::new_err(format!("a measured value is a finite number, not {value}"))
}

fn check_precision(precision: u8) -> PyResult<()> {
    match precision {
        0..=FULL_PRECISION => Ok(()),
        _ => Err(PyValueError::new_err(format!("a precision is 0 to {FULL_PRECISION} bits, not {precision}"))),
    }
}

/// The head of a frame, which is only looked at. Raises ValueError.
#[pyfunction]
fn frame_head(frame: &[u8]) -> PyResult<FrameHead> {
    let head = frame::read_head(frame).map_err(|why| PyValueError::new_err(why.to_string()))?;
    Ok(head.into())
}

/// A frame with its histograms at `precision` bits a value, for keeping. Raises ValueError.
#[pyfunction]
#[pyo3(signature = (frame, precision=7))]
fn fold<'py>(py: Python<'py>, frame: &[u8], precision: u8) -> PyResult<Bound<'py, PyBytes>> {
    check_precision(precision)?;
    let folded = frame::fold(frame, precision).map_err(|why| PyValueError::new_err(why.to_string()))?;
    Ok(PyBytes::new(py, &folded))
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
        match lock(&self.0).record_n(value, count) {
            true => Ok(()),
            false => Err(not_finite(value)),
        }
    }

    /// Add all that `other` recorded.
    fn merge(&self, other: &Bound<'_, Histogram>) {
        // A copy, since `other` may be this one.
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

    /// Bytes with `precision` bits a value: 10 keeps everything. Raises ValueError for more.
    #[pyo3(signature = (precision=10))]
    fn encode<'py>(&self, py: Python<'py>, precision: u8) -> PyResult<Bound<'py, PyBytes>> {
        check_precision(precision)?;
        let mut out = Vec::new();
        lock(&self.0).encode(precision, &mut out);
        Ok(PyBytes::new(py, &out))
    }

    /// What `encode` wrote. Raises ValueError for anything else.
    #[staticmethod]
    fn decode(data: &[u8]) -> PyResult<Self> {
        let mut bytes = Bytes(data);
        match Inner::decode(&mut bytes) {
            Some(inner) if bytes.0.is_empty() => Ok(Self(Mutex::new(inner))),
            _ => Err(PyValueError::new_err("not an encoded histogram")),
        }
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

impl From<Head> for FrameHead {
    fn from(head: Head) -> Self {
        let Head { worker, sequence, monotonic_ns, wall_ns, notes } = head;
        Self { worker, sequence, monotonic_ns, wall_ns, notes }
    }
}

/// A whole run, merged from frames. `tags` selects the series that carry all of them.
#[pyclass(frozen, module = "sonagi._core")]
pub struct Totals(Mutex<totals::Totals>);

type Selection<'a, 'py> = Option<&'a Bound<'py, PyMapping>>;

/// Sorted by key, as the core has them.
fn tags_of(tags: Selection<'_, '_>) -> PyResult<Tags> {
    let mut pairs: Tags = match tags {
        Some(tags) => tags.items()?.extract()?,
        None => Tags::new(),
    };
    pairs.sort();
    Ok(pairs)
}

impl Totals {
    fn select(&self, metric: &str, tags: Selection<'_, '_>) -> PyResult<Option<Sink>> {
        let tags = tags_of(tags)?;
        Ok(lock(&self.0).select(metric, &tags))
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
        let head = lock(&self.0).merge_bytes(frame).map_err(|why| PyValueError::new_err(why.to_string()))?;
        Ok(head.into())
    }

    /// Frames that add up to these totals, for keeping: nothing is lost.
    fn frames<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        let frames = lock(&self.0).frames();
        frames.iter().map(|frame| PyBytes::new(py, frame)).collect()
    }

    /// Add one sample of the coordinator's own. Raises ValueError for a value that is no finite
    /// number, and for a metric that is of another kind already.
    #[pyo3(signature = (metric, kind, contains, value, tags=None))]
    fn add(&self, metric: &str, kind: &str, contains: &str, value: f64, tags: Selection<'_, '_>) -> PyResult<()> {
        let unknown = || PyValueError::new_err(format!("no kind of metric: {kind}"));
        let mut sink = Sink::new(Kind::from_name(kind).ok_or_else(unknown)?);
        if !value.is_finite() {
            return Err(not_finite(value));
        }
        sink.add(value);
        let contains = Contains::from_name(contains);
        let described = Metric { name: metric.to_owned(), kind: sink.kind(), contains };
        let tags = tags_of(tags)?;
        match lock(&self.0).add(&described, &tags, &sink) {
            true => Ok(()),
            false => Err(PyValueError::new_err(format!("{metric} is not a {kind}"))),
        }
    }

    /// (name, kind, contains) of every metric seen, by name.
    fn metrics(&self) -> Vec<(String, &'static str, &'static str)> {
        let totals = lock(&self.0);
        let metrics = totals.metrics();
        metrics.map(|one| (one.name.clone(), one.kind.name(), one.contains.name())).collect()
    }

    /// The tags of each series of `metric`.
    fn series(&self, metric: &str) -> Vec<HashMap<String, String>> {
        let totals = lock(&self.0);
        totals.series(metric).map(|tags| tags.iter().cloned().collect()).collect()
    }

    #[pyo3(signature = (metric, tags=None))]
    fn counter(&self, metric: &str, tags: Selection<'_, '_>) -> PyResult<Option<f64>> {
        Ok(match self.select(metric, tags)? {
            Some(Sink::Counter(sum)) => Some(sum),
            _ => None,
        })
    }

    /// (last, min, max)
    #[pyo3(signature = (metric, tags=None))]
    fn gauge(&self, metric: &str, tags: Selection<'_, '_>) -> PyResult<Option<(f64, f64, f64)>> {
        Ok(match self.select(metric, tags)? {
            Some(Sink::Gauge { last, min, max }) => Some((last, min, max)),
            _ => None,
        })
    }

    /// (trues, total)
    #[pyo3(signature = (metric, tags=None))]
    fn rate(&self, metric: &str, tags: Selection<'_, '_>) -> PyResult<Option<(u64, u64)>> {
        Ok(match self.select(metric, tags)? {
            Some(Sink::Rate { trues, total }) => Some((trues, total)),
            _ => None,
        })
    }

    #[pyo3(signature = (metric, tags=None))]
    fn trend(&self, metric: &str, tags: Selection<'_, '_>) -> PyResult<Option<Histogram>> {
        Ok(match self.select(metric, tags)? {
            Some(Sink::Trend(histogram)) => Some(Histogram(Mutex::new(histogram))),
            _ => None,
        })
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(fold, module)?)?;
    module.add_function(wrap_pyfunction!(frame_head, module)?)?;
    module.add_class::<Histogram>()?;
    module.add_class::<FrameHead>()?;
    module.add_class::<Totals>()
}
