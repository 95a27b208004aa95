//! What Python sees of the core. The contract is `src/sonagi/_core.pyi`, checked against this module.
//!
//! Only this folder knows of Python; all below it compiles and is tested without.

mod arrivals;
mod asyncio;
mod awaiting;
mod body;
mod checks;
mod driver;
mod engine;
mod http;
mod multipart;
mod operation;
mod response;
mod samples;
mod scope;
mod spec;
mod targets;
mod totals;
mod user_side;
mod websocket;
mod work;

use crate::stats::hidden;
use pyo3::prelude::*;

/// Blot out `secret` in everything that is measured or told from here on.
#[pyfunction]
fn hide(secret: &str) {
    hidden::hide(secret);
}

/// `text` with all secrets blotted out.
#[pyfunction]
fn mask(text: &str) -> String {
    hidden::mask(text).into_owned()
}

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("STAMPS", crate::net::stamp::SOURCE)?;
    module.add_function(wrap_pyfunction!(hide, module)?)?;
    module.add_function(wrap_pyfunction!(mask, module)?)?;
    engine::register(module)?;
    scope::register(module)?;
    operation::register(module)?;
    driver::register(module)?;
    http::register(module)?;
    response::register(module)?;
    websocket::register(module)?;
    checks::register(module)?;
    samples::register(module)?;
    totals::register(module)
}
