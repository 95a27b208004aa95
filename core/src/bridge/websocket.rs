//! An open WebSocket, and a body that comes piece by piece, as Python sees them.

use super::arrivals::{Arrivals, Kind, WebSocketClosed, WebSocketError};
use super::body::bytes;
use super::operation::Operation;
use super::response::mapping;
use super::user_side::UserSide;
use super::work::Work;
use crate::engine::{Act, Order};
use crate::http::websocket::{close, Opcode};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::sync::Arc;

#[pyclass(frozen, weakref, module = "sonagi._core")]
pub struct WebSocket {
    arrivals: Arc<Arrivals>,
    engine: Arc<UserSide>,
    /// The answer to the opening handshake.
    #[pyo3(get)]
    response: Py<PyAny>,
}

impl WebSocket {
    pub fn new(arrivals: Arc<Arrivals>, engine: Arc<UserSide>, response: Py<PyAny>) -> Self {
        Self { arrivals, engine, response }
    }
}

#[pymethods]
impl WebSocket {
    /// Send str as a text message, bytes as a binary one.
    fn send(&self, message: &Bound<'_, PyAny>) -> PyResult<Operation> {
        let opcode = if message.is_instance_of::<PyString>() { Opcode::Text } else { Opcode::Binary };
        let payload = bytes(message)?.into();
        Ok(Operation::new(Work::Send { arrivals: self.arrivals.clone(), opcode, payload }))
    }

    /// The next message: str for text, bytes for binary. Raises WebSocketClosed, and TimeoutError after
    /// `timeout` seconds.
    #[pyo3(signature = (timeout=None))]
    fn recv(&self, timeout: Option<f64>) -> PyResult<Operation> {
        if timeout.is_some_and(|seconds| !seconds.is_finite() || seconds <= 0.0) {
            return Err(PyValueError::new_err("recv(timeout=…): give more than 0 seconds"));
        }
        Ok(Operation::new(Work::Read { arrivals: self.arrivals.clone(), iterating: false, timeout }))
    }

    /// Ask for a sign of life: seconds until it came. Raises WebSocketClosed.
    fn ping(&self) -> Operation {
        Operation::new(Work::Ping { arrivals: self.arrivals.clone() })
    }

    /// Say farewell and wait for the other side's.
    #[pyo3(signature = (code=1000, reason=""))]
    fn close(&self, code: u16, reason: &str) -> PyResult<Operation> {
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
            return Err(PyValueError::new_err(format!(
                "close(code={code}): nobody may send that code; 1000 is the usual one, 3000 to 4999 are free"
            )));
        }
        Ok(Operation::new(Work::Close { arrivals: self.arrivals.clone(), code, reason: reason.to_owned() }))
    }

    /// Say farewell and go, without waiting.
    fn abandon(&self) {
        if self.arrivals.end().is_none() {
            let act = Act::Close(close::GOING_AWAY, String::new());
            self.engine.order(Order::Act { stream: self.arrivals.id, act });
        }
    }

    fn __aiter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __anext__(&self) -> Operation {
        Operation::new(Work::Read { arrivals: self.arrivals.clone(), iterating: true, timeout: None })
    }

    #[getter]
    fn closed(&self) -> bool {
        self.arrivals.end().is_some()
    }

    /// Why it was closed (RFC 6455, 7.4); `None` while it is open.
    #[getter]
    fn close_code(&self) -> Option<u16> {
        self.arrivals.end().map(|end| end.code)
    }

    #[getter]
    fn close_reason(&self) -> Option<String> {
        self.arrivals.end().map(|end| end.reason.clone())
    }

    fn __repr__(&self) -> String {
        match self.arrivals.end() {
            Some(end) => format!("<WebSocket, closed with {}>", end.code),
            None => "<WebSocket, open>".to_owned(),
        }
    }
}

/// Nobody can read it any more.
impl Drop for WebSocket {
    fn drop(&mut self) {
        cut(&self.arrivals, &self.engine);
    }
}

/// The pieces of a body.
#[pyclass(frozen, weakref, module = "sonagi._core")]
pub struct Pieces {
    arrivals: Arc<Arrivals>,
    engine: Arc<UserSide>,
}

impl Pieces {
    pub fn new(arrivals: Arc<Arrivals>, engine: Arc<UserSide>) -> Self {
        Self { arrivals, engine }
    }
}

#[pymethods]
impl Pieces {
    fn __aiter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __anext__(&self) -> Operation {
        Operation::new(Work::Read { arrivals: self.arrivals.clone(), iterating: true, timeout: None })
    }

    /// What came behind the body; nothing before its end.
    #[getter]
    fn trailers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        mapping(py, self.arrivals.end().map(|end| end.trailers.clone()).unwrap_or_default())
    }

    /// No more of it, please: ends the exchange and its connection.
    fn cut(&self) {
        cut(&self.arrivals, &self.engine);
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        cut(&self.arrivals, &self.engine);
    }
}

fn cut(arrivals: &Arrivals, engine: &UserSide) {
    if arrivals.end().is_none() {
        engine.order(Order::Act { stream: arrivals.id, act: Act::Cut });
    }
}

/// `request`, its body piece by piece: gives the response without it, and the pieces.
#[pyfunction]
fn streamed(request: &Bound<'_, Operation>) -> PyResult<Operation> {
    Operation::streaming(request, Kind::Body, "")
}

/// The WebSocket that `request` asks for.
#[pyfunction]
fn upgraded(request: &Bound<'_, Operation>, subprotocols: &str) -> PyResult<Operation> {
    Operation::streaming(request, Kind::WebSocket, subprotocols)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("WebSocketError", py.get_type::<WebSocketError>())?;
    module.add("WebSocketClosed", py.get_type::<WebSocketClosed>())?;
    module.add_class::<WebSocket>()?;
    module.add_class::<Pieces>()?;
    module.add_function(wrap_pyfunction!(streamed, module)?)?;
    module.add_function(wrap_pyfunction!(upgraded, module)?)
}
