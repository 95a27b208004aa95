//! A response, with httpx's attributes and k6's timings. All but status and timings is made on demand.

use super::arrivals::{Kind, WebSocketError};
use super::spec::{Asked, Spec};
use super::user_side::UserSide;
use super::websocket::{Pieces, WebSocket};
use crate::engine::{End, Outcome};
use crate::http::head::headers;
use crate::http::stamps;
use cookie_store::RawCookie;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use std::borrow::Cow;
use std::sync::Arc;

create_exception!(sonagi._core, HTTPError, PyException, "A request that failed, where exceptions were asked for.");
create_exception!(sonagi._core, RequestError, HTTPError, "No response came: see `.response.error`.");
create_exception!(sonagi._core, HTTPStatusError, HTTPError, "A response came with a status of 400 or more.");

pub fn register_errors(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("HTTPError", py.get_type::<HTTPError>())?;
    module.add("RequestError", py.get_type::<RequestError>())?;
    module.add("HTTPStatusError", py.get_type::<HTTPStatusError>())
}

/// Milliseconds, as k6's `response.timings`.
#[pyclass(frozen, get_all, module = "sonagi._core")]
pub struct Timings {
    blocked: f64,
    looking_up: f64,
    connecting: f64,
    tls_handshaking: f64,
    sending: f64,
    waiting: f64,
    receiving: f64,
    duration: f64,
    /// From when the plan wanted the request, where it wants it at a time.
    intended: Option<f64>,
}

impl From<stamps::Timings> for Timings {
    fn from(t: stamps::Timings) -> Self {
        Self {
            blocked: t.blocked,
            looking_up: t.looking_up,
            connecting: t.connecting,
            tls_handshaking: t.tls_handshaking,
            sending: t.sending,
            waiting: t.waiting,
            receiving: t.receiving,
            duration: t.duration,
            intended: t.intended,
        }
    }
}

#[pymethods]
impl Timings {
    fn __repr__(&self) -> String {
        format!(
            "Timings(blocked={:.3}, sending={:.3}, waiting={:.3}, receiving={:.3}, duration={:.3})",
            self.blocked, self.sending, self.waiting, self.receiving, self.duration
        )
    }
}

#[pyclass(frozen, weakref, module = "sonagi._core")]
pub struct Response {
    outcome: Box<Outcome>,
    method: Cow<'static, str>,
    url: Py<PyString>,
    content: PyOnceLock<Py<PyBytes>>,
    headers: PyOnceLock<Py<PyAny>>,
    history: PyOnceLock<Py<PyList>>,
}

impl Response {
    pub fn new(py: Python<'_>, outcome: Box<Outcome>, spec: &Spec) -> Self {
        let url = match &outcome.url {
            Some(url) => PyString::new(py, url.as_str()).unbind(),
            None => spec.url.clone_ref(py),
        };
        Self::made(outcome, spec.method.clone(), url)
    }

    fn made(outcome: Box<Outcome>, method: Cow<'static, str>, url: Py<PyString>) -> Self {
        Self {
            outcome,
            method,
            url,
            content: PyOnceLock::new(),
            headers: PyOnceLock::new(),
            history: PyOnceLock::new(),
        }
    }

    pub fn into_result(self, py: Python<'_>, raise_on_error: bool) -> PyResult<Py<PyAny>> {
        let response = Py::new(py, self)?;
        if raise_on_error {
            Self::raise_for_status(response.bind(py))?;
        }
        Ok(response.into_any())
    }

    /// The WebSocket that was opened, or this response and the pieces of its body.
    pub fn with_stream(
        self,
        py: Python<'_>,
        asked: &Asked,
        engine: Arc<UserSide>,
        raise_on_error: bool,
    ) -> PyResult<Py<PyAny>> {
        let failed = self.outcome.failure.as_ref().map(|failure| (failure.text.to_string(), failure.code));
        let what = format!("{}: ", self.url);
        let response = self.into_result(py, raise_on_error)?;
        let arrivals = asked.arrivals.clone();
        match (arrivals.kind, failed) {
            (Kind::WebSocket, Some((text, code))) => {
                let error = WebSocketError::new_err(format!("{what}{text} (error code {code})"));
                error.value(py).setattr("response", response)?;
                Err(error)
            }
            (Kind::WebSocket, None) => {
                engine.begin_stream(&arrivals);
                Ok(Py::new(py, WebSocket::new(arrivals, engine, response))?.into_any())
            }
            (Kind::Body, failed) => {
                match failed {
                    Some(_) => drop(arrivals.finish(End::default())),
                    None => engine.begin_stream(&arrivals),
                }
                let pieces = Py::new(py, Pieces::new(arrivals, engine))?;
                Ok((response, pieces).into_pyobject(py)?.into_any().unbind())
            }
        }
    }

    fn body(&self) -> &[u8] {
        &self.outcome.raw[self.outcome.head_length..]
    }

    fn pairs(&self) -> Vec<(String, String)> {
        headers(&self.outcome.raw[..self.outcome.head_length])
    }
}

/// Pairs as a case-insensitive mapping.
pub fn mapping(py: Python<'_>, pairs: Vec<(String, String)>) -> PyResult<Bound<'_, PyAny>> {
    py.import("sonagi.script.headers")?.getattr("Headers")?.call1((pairs,))
}

#[pymethods]
impl Response {
    /// The status as received; 0 when no response came.
    #[getter]
    fn status_code(&self) -> u16 {
        self.outcome.status
    }

    /// Why it failed, in words; "" when it did not.
    #[getter]
    fn error(&self) -> &str {
        self.outcome.failure.as_ref().map_or("", |failure| &failure.text)
    }

    /// k6's error code: 0, 1000 + status for a status of 400 or more, or the code of a failure.
    #[getter]
    fn error_code(&self) -> u16 {
        match (&self.outcome.failure, self.outcome.status) {
            (Some(failure), _) => failure.code,
            (None, status) if status >= 400 => 1000 + status.min(599),
            _ => 0,
        }
    }

    #[getter]
    fn timings(&self) -> Timings {
        self.outcome.timings.into()
    }

    #[getter]
    fn elapsed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let seconds = self.outcome.timings.duration / 1000.0;
        py.import(intern!(py, "datetime"))?.getattr("timedelta")?.call1((0, seconds))
    }

    #[getter]
    fn url(&self, py: Python<'_>) -> Py<PyString> {
        self.url.clone_ref(py)
    }

    #[getter]
    fn http_version(&self) -> &'static str {
        self.outcome.version.name()
    }

    #[getter]
    fn content<'py>(&self, py: Python<'py>) -> &Bound<'py, PyBytes> {
        self.content.get_or_init(py, || PyBytes::new(py, self.body()).unbind()).bind(py)
    }

    /// The body as text, in the charset its Content-Type names, else UTF-8; what is no text becomes "�".
    #[getter]
    fn text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let all = self.pairs();
        let kind = all.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value);
        let charset = kind.and_then(|kind| {
            let lower = kind.to_ascii_lowercase();
            let (_, rest) = lower.split_once("charset=")?;
            Some(rest.split(';').next()?.trim().trim_matches('"').to_owned())
        });
        let content = self.content(py);
        let decoded = content.call_method1("decode", (charset.as_deref().unwrap_or("utf-8"), "replace"));
        // A charset that Python does not know.
        decoded.or_else(|_| content.call_method1("decode", ("utf-8", "replace")))
    }

    /// The body as JSON. Raises json.JSONDecodeError.
    fn json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import(intern!(py, "json"))?.call_method1(intern!(py, "loads"), (self.content(py),))
    }

    /// A case-insensitive mapping; values that came more than once are joined with ", ".
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyAny>> {
        let made = self.headers.get_or_try_init(py, || mapping(py, self.pairs()).map(Bound::unbind))?;
        Ok(made.bind(py))
    }

    /// What came behind the body, in HTTP/2; a mapping like `headers`.
    #[getter]
    fn trailers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        mapping(py, self.outcome.trailers.clone())
    }

    /// Cookies that this response set, by name.
    #[getter]
    fn cookies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let cookies = PyDict::new(py);
        for (name, value) in self.pairs() {
            if name.eq_ignore_ascii_case("set-cookie") {
                if let Ok(cookie) = RawCookie::parse(value) {
                    cookies.set_item(cookie.name(), cookie.value())?;
                }
            }
        }
        Ok(cookies)
    }

    /// The redirects that led here, oldest first.
    #[getter]
    fn history<'py>(&self, py: Python<'py>) -> PyResult<&Bound<'py, PyList>> {
        let made = self.history.get_or_try_init(py, || {
            let list = PyList::empty(py);
            for hop in &self.outcome.history {
                let url = PyString::new(py, hop.url.as_ref().map_or("", |url| url.as_str())).unbind();
                let copy = Box::new(Outcome {
                    status: hop.status,
                    version: hop.version,
                    raw: hop.raw.clone(),
                    head_length: hop.head_length,
                    trailers: hop.trailers.clone(),
                    timings: hop.timings,
                    last_byte: hop.last_byte,
                    ..Outcome::default()
                });
                list.append(Py::new(py, Self::made(copy, self.method.clone(), url))?)?;
            }
            Ok::<_, PyErr>(list.unbind())
        })?;
        Ok(made.bind(py))
    }

    #[getter]
    fn is_success(&self) -> bool {
        (200..300).contains(&self.outcome.status)
    }

    #[getter]
    fn is_error(&self) -> bool {
        self.outcome.status == 0 || self.outcome.status >= 400
    }

    /// Raises RequestError without a response and HTTPStatusError from status 400 on; else gives itself.
    fn raise_for_status<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, Self>> {
        let this = slf.get();
        if !this.is_error() && this.outcome.failure.is_none() {
            return Ok(slf.clone());
        }
        let what = format!("{} {}: ", this.method, this.url);
        let error = match &this.outcome.failure {
            Some(failure) => RequestError::new_err(format!("{what}{} (error code {})", failure.text, failure.code)),
            None => HTTPStatusError::new_err(format!("{what}status {}", this.outcome.status)),
        };
        error.value(slf.py()).setattr("response", slf)?;
        Err(error)
    }

    fn __repr__(&self) -> String {
        match &self.outcome.failure {
            Some(failure) => format!("<Response [error {}: {}]>", failure.code, failure.text),
            None => format!("<Response [{}]>", self.outcome.status),
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Timings>()?;
    module.add_class::<Response>()
}
