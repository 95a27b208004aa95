//! A request that has been asked for, and the order that it becomes.

use super::arrivals::{Arrivals, Kind};
use super::body::Pairs;
use super::engine::nanos;
use super::scope::Scope;
use super::targets::Known;
use crate::clock::Nanos;
use crate::engine::{Credentials, Order, Request, Streaming, Token, Upgrade};
use crate::http::body::Body;
use crate::http::target::without_user;
use crate::net::failure::{code, Failure, Phase};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::borrow::Cow;
use std::sync::Arc;

/// A request that has been asked for and not been sent.
pub struct Spec {
    pub method: Cow<'static, str>,
    pub url: Py<PyString>,
    pub headers: Pairs,
    pub body: Body,
    pub digest: Option<Credentials>,
    pub more: Option<Box<More>>,
    /// As the settings say, unless the request does.
    pub raise_on_error: Option<bool>,
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
pub struct More {
    pub cookies: Pairs,
    pub name: Option<String>,
    pub tags: Pairs,
    pub timeout: Option<f64>,
    pub follow_redirects: Option<bool>,
}

impl Spec {
    /// The same request, for a stream.
    pub fn into_stream(mut self: Box<Self>, kind: Kind, protocols: &str) -> PyResult<Box<Self>> {
        if kind == Kind::WebSocket && self.digest.is_some() {
            return Err(PyTypeError::new_err("a WebSocket's auth is (user, password) or http.Bearer(token)"));
        }
        self.streaming = Some(Asked { arrivals: Arrivals::new(kind), protocols: protocols.into() });
        Ok(self)
    }

    /// The order for the I/O thread, in the name of `scope`.
    pub fn order(&mut self, py: Python<'_>, scope: &Scope, token: Token, asked: Nanos) -> PyResult<Order> {
        let engine = scope.engine();
        self.raise_on_error.get_or_insert(engine.settings().raise_on_error);
        let tags = scope.tags();
        let mut targets = engine.targets.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let url = self.url.bind(py).to_str()?;
        let user_agent = || Arc::from(engine.settings().user_agent.as_str());
        let websocket = self.streaming.as_ref().is_some_and(|asked| asked.arrivals.kind == Kind::WebSocket);
        let found = targets.find(&self.method, url, &self.headers, user_agent);
        let known = match found.and_then(|known| fitting(known, websocket)) {
            Ok(known) => known,
            Err(failure) => {
                let own = [("method", &*self.method), ("name", &*without_user(url))];
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
            digest: self.digest.clone(),
            timeout,
            redirects,
            asked,
            late: scope.user.late(),
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
    let text = format!("invalid URL {:?}: {mend}", without_user(known.target.url.as_str()));
    Err(Failure::new(code::INVALID_URL, Phase::Prepare, text))
}
