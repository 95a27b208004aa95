//! Samples as lines of text, for the coordinator's outputs.

use crate::stats::lines::{Form, Lines, Stamp};
use crate::stats::samples;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Makes the lines of one output, in the format of k6's `--out json` or `--out csv`.
#[pyclass(frozen, module = "sonagi._core")]
pub struct SampleLines(Mutex<Lines>);

#[pymethods]
impl SampleLines {
    /// `form` is "json" or "csv", `stamp` k6's name of a CSV's time format. `thresholds` has for a metric
    /// the JSON of its line's `"thresholds":…,"submetrics":…`. Raises ValueError.
    #[new]
    #[pyo3(signature = (form, thresholds, stamp="unix"))]
    fn new(form: &str, thresholds: HashMap<String, String>, stamp: &str) -> PyResult<Self> {
        let stamp = Stamp::from_name(stamp);
        let form = match (form, stamp) {
            ("json", _) => Form::Json,
            ("csv", Some(stamp)) => Form::Csv(stamp),
            _ => return Err(PyValueError::new_err("no such form of lines, or of time")),
        };
        Ok(Self(Mutex::new(Lines::new(form, thresholds.into_iter().collect()))))
    }

    /// What stands above all samples.
    fn head<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.0.lock().unwrap_or_else(PoisonError::into_inner).head().as_bytes())
    }

    /// The lines of what a worker sent. Raises ValueError for what no worker sends.
    fn render<'py>(&self, py: Python<'py>, message: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let samples = samples::read(message).ok_or_else(|| PyValueError::new_err("not samples"))?;
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(PyBytes::new(py, &lines.render(&samples)))
    }

    /// The line of one sample of the coordinator's own. Raises ValueError for a kind that does not exist.
    fn point<'py>(
        &self,
        py: Python<'py>,
        metric: &str,
        kind: &str,
        wall_ns: u64,
        value: f64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let sample = samples::Samples::of_one(metric, kind, wall_ns, value);
        let sample = sample.ok_or_else(|| PyValueError::new_err(format!("no kind of metric: {kind}")))?;
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(PyBytes::new(py, &lines.render(&sample)))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<SampleLines>()
}
