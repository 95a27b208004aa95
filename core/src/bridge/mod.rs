//! What Python sees of the core. The contract is `src/sonagi/_core.pyi`, checked against this module.
//!
//! Only this folder knows of Python; all below it compiles and is tested without.

mod asyncio;
mod awaiting;
mod body;
mod checks;
mod driver;
mod engine;
mod http;
mod operation;
mod response;
mod scope;
mod targets;
mod totals;
mod user_side;

use pyo3::prelude::*;

#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("STAMPS", crate::net::stamp::SOURCE)?;
    engine::register(module)?;
    scope::register(module)?;
    operation::register(module)?;
    driver::register(module)?;
    http::register(module)?;
    response::register(module)?;
    checks::register(module)?;
    totals::register(module)
}
