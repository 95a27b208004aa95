//! `http.get` and its kin: one call makes one lazy request.

use super::arrivals::{Arrivals, Kind};
use super::body::{authorization, body, checked_headers, pairs, text, Pairs};
use super::engine::nanos;
use super::operation::Operation;
use super::scope::Scope;
use super::targets::Known;
use super::work::Work;
use crate::clock::Nanos;
use crate::engine::{Order, Request, Streaming, Token, Upgrade};
use crate::http::body::Body;
use crate::net::failure::{code, Failure, Phase};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::borrow::Cow;
use std::sync::Arc;

/// A request that has been asked for and not been sent.
pub struct Spec {
    pub method: Cow<'static, str>,
    pub url: Py<PyString>,
    headers: Pairs,
    body: Body,
    more: Option<Box<More>>,
    pub raise_on_error: bool,
    pub streaming: Option<Asked>,
}

/// A request for a stream.
pub struct Asked {
    pub arrivals: Arc<Arrivals>,
    /// A WebSocket's subprotocols, as they stand in the header.
    pub protocols: Arc<str>,
}

impl Asked {
    fn of_the_core(&self) -> Streaming {
        let (id, flow) = (self.arrivals.id, self.arrivals.flow.clone());
        match self.arrivals.kind {
            Kind::WebSocket => Streaming::WebSocket(Upgrade { id, flow, protocols: self.protocols.clone() }),
            Kind::Body => Streaming::Body(id, flow),
        }
    }
}

/// What few requests have.
#[derive(Default)]
struct More {
    cookies: Pairs,
    name: Option<String>,
    tags: Pairs,
    timeout: Option<f64>,
    follow_redirects: Option<bool>,
}

/// The keywords that all methods share.
#[derive(Default)]
struct Keywords<'py> {
    params: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    json: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    content: Option<Bound<'py, PyAny>>,
    files: Option<Bound<'py, PyAny>>,
    cookies: Option<Bound<'py, PyAny>>,
    auth: Option<Bound<'py, PyAny>>,
    timeout: Option<Bound<'py, PyAny>>,
    follow_redirects: Option<bool>,
    name: Option<String>,
    tags: Option<Bound<'py, PyAny>>,
    raise_on_error: bool,
}

impl Spec {
    fn new(method: Cow<'static, str>, url: &Bound<'_, PyString>, keywords: Keywords<'_>) -> PyResult<Self> {
        let url = match &keywords.params {
            None => url.clone().unbind(),
            Some(params) => {
                let mut text = url.to_str()?.to_owned();
                append_query(&mut text, &pairs(params, "params")?);
                PyString::new(url.py(), &text).unbind()
            }
        };
        let mut headers = match &keywords.headers {
            Some(headers) => checked_headers(pairs(headers, "headers")?)?,
            None => Pairs::new(),
        };
        let has = |headers: &Pairs, name: &str| headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let (json, data) = (keywords.json.as_ref(), keywords.data.as_ref());
        let (body, content_type) = body(json, data, keywords.content.as_ref(), keywords.files.as_ref())?;
        if let Some(content_type) = content_type.filter(|_| !has(&headers, "content-type")) {
            headers.push(("Content-Type".to_owned(), content_type.into_owned()));
        }
        if let Some(auth) = &keywords.auth {
            if !has(&headers, "authorization") {
                headers =
                    checked_headers([headers, vec![("Authorization".to_owned(), authorization(auth)?)]].concat())?;
            }
        }
        let raise_on_error = keywords.raise_on_error;
        let more = keywords.more()?;
        Ok(Self { method, url, headers, body, more, raise_on_error, streaming: None })
    }

    /// The order for the I/O thread, in the name of `scope`.
    pub fn order(&mut self, py: Python<'_>, scope: &Scope, token: Token, asked: Nanos) -> PyResult<Order> {
        let engine = scope.engine();
        let tags = scope.tags();
        let mut targets = engine.targets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let url = self.url.bind(py).to_str()?;
        let user_agent = || Arc::from(engine.settings().user_agent.as_str());
        let websocket = self.streaming.as_ref().is_some_and(|asked| asked.arrivals.kind == Kind::WebSocket);
        let found = targets.find(&self.method, url, &self.headers, user_agent);
        let known = match found.and_then(|known| fitting(known, websocket)) {
            Ok(known) => known,
            Err(failure) => {
                let own = [("method", &*self.method), ("name", url)];
                let tags = engine.interner().with(tags, &own);
                return Ok(Order::Stillborn { token, tags, failure });
            }
        };
        let more = self.more.take().map(|more| *more);
        let tags = match &more {
            Some(more) if more.name.is_some() || !more.tags.is_empty() => {
                known.own_tags(tags, more.name.as_deref(), &more.tags, &mut engine.interner())
            }
            _ => known.tags(tags, |own| engine.interner().with(tags, own)),
        };
        let target = known.target.clone();
        drop(targets);
        let more = more.unwrap_or_default();
        let settings = engine.settings();
        let redirects = if more.follow_redirects.unwrap_or(true) { settings.max_redirects } else { 0 };
        let timeout = more.timeout.map_or(settings.timeout, nanos);
        drop(settings);
        Ok(Order::Request(Box::new(Request {
            token,
            user: scope.user.index,
            iteration: scope.user.iteration(),
            target,
            tags,
            named: more.name.is_some(),
            body: std::mem::take(&mut self.body),
            cookies: more.cookies,
            timeout,
            redirects,
            asked,
            streaming: self.streaming.as_ref().map(Asked::of_the_core),
        })))
    }
}

/// A WebSocket's URL opens a WebSocket, and no other does.
fn fitting(known: &mut Known, websocket: bool) -> Result<&mut Known, Failure> {
    let mend = match (known.target.is_websocket(), websocket) {
        (true, false) => "open it by websocket.connect(…)",
        (false, true) => "a WebSocket's begins with ws:// or wss://",
        _ => return Ok(known),
    };
    let text = format!("invalid URL {:?}: {mend}", known.target.url.as_str());
    Err(Failure::new(code::INVALID_URL, Phase::Prepare, text))
}

impl Keywords<'_> {
    fn more(self) -> PyResult<Option<Box<More>>> {
        let none = self.cookies.is_none()
            && self.name.is_none()
            && self.tags.is_none()
            && self.timeout.is_none()
            && self.follow_redirects.is_none();
        if none {
            return Ok(None);
        }
        let of = |value: &Option<Bound<'_, PyAny>>, what: &str| match value {
            Some(value) => pairs(value, what),
            None => Ok(Pairs::new()),
        };
        Ok(Some(Box::new(More {
            cookies: of(&self.cookies, "cookies")?,
            tags: of(&self.tags, "tags")?,
            timeout: self.timeout.as_ref().map(seconds).transpose()?,
            name: self.name,
            follow_redirects: self.follow_redirects,
        })))
    }
}

/// Seconds as a number, or k6's "10s".
fn seconds(value: &Bound<'_, PyAny>) -> PyResult<f64> {
    let seconds: f64 = match value.cast::<PyString>() {
        Ok(_) => {
            let parse = value.py().import("sonagi.plan.duration")?.getattr("parse_duration")?;
            parse.call1((value,))?.extract()?
        }
        Err(_) => value.extract()?,
    };
    if seconds.is_finite() && seconds > 0.0 {
        return Ok(seconds);
    }
    Err(PyValueError::new_err(format!("timeout={}: give more than 0 seconds", text(value)?)))
}

fn append_query(url: &mut String, params: &Pairs) {
    if params.is_empty() {
        return;
    }
    let fragment = url.find('#').map(|at| url.split_off(at)).unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(params);
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(&query.finish());
    url.push_str(&fragment);
}

macro_rules! verbs {
    ($($name:ident $method:literal)*) => {
        $(
            #[pyfunction]
            #[allow(clippy::too_many_arguments)] // httpx's keywords
            #[pyo3(signature = (url, *, params=None, headers=None, json=None, data=None, content=None, files=None, cookies=None,
                                auth=None, timeout=None, follow_redirects=None, name=None, tags=None,
                                raise_on_error=false))]
            fn $name<'py>(
                url: &Bound<'py, PyString>,
                params: Option<Bound<'py, PyAny>>,
                headers: Option<Bound<'py, PyAny>>,
                json: Option<Bound<'py, PyAny>>,
                data: Option<Bound<'py, PyAny>>,
                content: Option<Bound<'py, PyAny>>,
                files: Option<Bound<'py, PyAny>>,
                cookies: Option<Bound<'py, PyAny>>,
                auth: Option<Bound<'py, PyAny>>,
                timeout: Option<Bound<'py, PyAny>>,
                follow_redirects: Option<bool>,
                name: Option<String>,
                tags: Option<Bound<'py, PyAny>>,
                raise_on_error: bool,
            ) -> PyResult<Operation> {
                let keywords = Keywords { params, headers, json, data, content, files, cookies, auth, timeout,
                                          follow_redirects, name, tags, raise_on_error };
                Ok(Operation::new(Work::Request(Box::new(Spec::new(Cow::Borrowed($method), url, keywords)?))))
            }
        )*

        pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
            $(module.add_function(wrap_pyfunction!($name, module)?)?;)*
            module.add_function(wrap_pyfunction!(request, module)?)
        }
    };
}

verbs! {
    get "GET"
    head "HEAD"
    options "OPTIONS"
    delete "DELETE"
    post "POST"
    put "PUT"
    patch "PATCH"
}

#[pyfunction]
#[allow(clippy::too_many_arguments)] // httpx's keywords
#[pyo3(signature = (method, url, *, params=None, headers=None, json=None, data=None, content=None, files=None, cookies=None,
                    auth=None, timeout=None, follow_redirects=None, name=None, tags=None, raise_on_error=false))]
fn request<'py>(
    method: &str,
    url: &Bound<'py, PyString>,
    params: Option<Bound<'py, PyAny>>,
    headers: Option<Bound<'py, PyAny>>,
    json: Option<Bound<'py, PyAny>>,
    data: Option<Bound<'py, PyAny>>,
    content: Option<Bound<'py, PyAny>>,
    files: Option<Bound<'py, PyAny>>,
    cookies: Option<Bound<'py, PyAny>>,
    auth: Option<Bound<'py, PyAny>>,
    timeout: Option<Bound<'py, PyAny>>,
    follow_redirects: Option<bool>,
    name: Option<String>,
    tags: Option<Bound<'py, PyAny>>,
    raise_on_error: bool,
) -> PyResult<Operation> {
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(PyTypeError::new_err(format!("{method:?} is no HTTP method")));
    }
    let keywords = Keywords {
        params,
        headers,
        json,
        data,
        content,
        files,
        cookies,
        auth,
        timeout,
        follow_redirects,
        name,
        tags,
        raise_on_error,
    };
    let method = Cow::Owned(method.to_ascii_uppercase());
    Ok(Operation::new(Work::Request(Box::new(Spec::new(method, url, keywords)?))))
}
