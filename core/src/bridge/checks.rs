//! `check`: names and verdicts, counted without leaving the core.

use super::body::pairs;
use super::scope;
use super::user_side::UserSide;
use crate::stats::{builtin, SeriesId, TagsId};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString};
use rustc_hash::FxHashMap;

/// Series of checks, by tags and then by name.
#[derive(Default)]
pub struct Checks {
    series: FxHashMap<TagsId, FxHashMap<Box<str>, SeriesId>>,
}

impl Checks {
    fn series(&mut self, engine: &UserSide, tags: TagsId, name: &str) -> PyResult<SeriesId> {
        let names = self.series.entry(tags).or_default();
        if let Some(series) = names.get(name) {
            return Ok(*series);
        }
        if name.contains("::") {
            return Err(PyValueError::new_err(format!("check {name:?}: a name may not contain \"::\"")));
        }
        let with_name = engine.interner().with(tags, &[("check", name)]);
        let series = engine.series(builtin::CHECKS, with_name);
        names.insert(name.into(), series);
        Ok(series)
    }
}

/// Check `value` against named conditions: functions of it, or plain truth values. Every one is
/// counted in `checks`; gives whether all held. A condition that raises counts as not held, and
/// the exception goes on.
#[pyfunction]
#[pyo3(signature = (value, conditions, tags=None))]
fn check(
    py: Python<'_>,
    value: &Bound<'_, PyAny>,
    conditions: &Bound<'_, PyDict>,
    tags: Option<&Bound<'_, PyAny>>,
) -> PyResult<bool> {
    let scope = scope::current(py)?.ok_or_else(|| {
        pyo3::exceptions::PyRuntimeError::new_err("check() belongs into a scenario's function, setup() or teardown()")
    })?;
    let scope = scope.get();
    let engine = scope.engine();
    let mut all_tags = scope.tags();
    if let Some(tags) = tags {
        let tags = pairs(tags, "tags")?;
        let more: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        all_tags = engine.interner().with(all_tags, &more);
    }
    let mut all = true;
    for (name, condition) in conditions.iter() {
        let name = name.cast::<PyString>()?;
        let held = holds(value, &condition, name);
        let series = {
            let mut checks = engine.checks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            checks.series(engine, all_tags, name.to_str()?)?
        };
        engine.add(&[(series, if matches!(held, Ok(true)) { 1.0 } else { 0.0 })]);
        all &= held?;
    }
    Ok(all)
}

fn holds(value: &Bound<'_, PyAny>, condition: &Bound<'_, PyAny>, name: &Bound<'_, PyString>) -> PyResult<bool> {
    if !condition.is_callable() {
        return condition.is_truthy();
    }
    let verdict = condition.call1((value,))?;
    if let Ok(verdict) = verdict.cast::<PyBool>() {
        return Ok(verdict.is_true());
    }
    if verdict.hasattr(intern!(value.py(), "__await__"))? {
        verdict.call_method0("close")?;
        return Err(PyTypeError::new_err(format!(
            "check {name:?}: its condition is async and was not awaited; await it first and check the result"
        )));
    }
    verdict.is_truthy()
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(check, module)?)
}
