//! What an operation is to do, and what it then waits for.

use super::arrivals::Arrivals;
use super::engine::nanos;
use super::scope::Scope;
use super::spec::Spec;
use super::user_side::UserSide;
use crate::clock::Nanos;
use crate::engine::{Act, Hit, Order, Token};
use crate::http::websocket::Opcode;
use pyo3::prelude::*;
use std::sync::Arc;

pub enum Work {
    Request(Box<Spec>),
    Hit {
        spec: Box<Spec>,
        users: u32,
        until: Nanos,
        count: u64,
    },
    Pause {
        seconds: f64,
    },
    /// Until a monotonic time.
    Until {
        at: Nanos,
    },
    /// The next piece of a stream.
    Read {
        arrivals: Arc<Arrivals>,
        iterating: bool,
        timeout: Option<f64>,
    },
    Send {
        arrivals: Arc<Arrivals>,
        opcode: Opcode,
        payload: Vec<u8>,
    },
    Ping {
        arrivals: Arc<Arrivals>,
    },
    Close {
        arrivals: Arc<Arrivals>,
        code: u16,
        reason: String,
    },
}

/// What is waited for.
pub enum Purpose {
    Pause,
    Response(Box<Spec>),
    Read {
        arrivals: Arc<Arrivals>,
        iterating: bool,
    },
    /// Room to send more, or a pong.
    Answer {
        arrivals: Arc<Arrivals>,
    },
    /// The end of a stream.
    End,
}

/// The order that goes out, if any, and what is waited for.
type Begun = (Option<PyResult<Order>>, Purpose);

impl Work {
    /// What need not be waited for: a message that has come, one that goes out, the end of what has ended.
    pub fn at_once(&mut self, py: Python<'_>, engine: &UserSide) -> Option<PyResult<Py<PyAny>>> {
        match self {
            Work::Read { arrivals, iterating, .. } => arrivals.next(py, engine, *iterating),
            Work::Ping { arrivals } | Work::Send { arrivals, .. } if arrivals.end().is_some() => {
                arrivals.end().map(|end| Err(arrivals.ended(&end, false)))
            }
            Work::Send { arrivals, opcode, payload } => {
                let must_wait = arrivals.flow.leave(payload.len());
                (!must_wait).then(|| {
                    let act = Act::Send(*opcode, std::mem::take(payload), None);
                    engine.order(Order::Act { stream: arrivals.id, act });
                    Ok(py.None())
                })
            }
            Work::Close { arrivals, .. } => arrivals.end().map(|_| Ok(py.None())),
            _ => None,
        }
    }

    /// Whether nothing of it has to do with the time.
    pub fn needs_no_clock(&self) -> bool {
        matches!(self, Work::Read { timeout: None, .. })
    }

    /// Begin to wait, as `token`.
    pub fn begin(self, py: Python<'_>, scope: &Scope, token: Token, asked: Nanos) -> PyResult<Begun> {
        let (order, purpose) = match self {
            Work::Pause { seconds } => {
                let until = scope.engine().pause_base().saturating_add(nanos(seconds));
                (Ok(Order::Sleep { token, until }), Purpose::Pause)
            }
            Work::Until { at } => (Ok(Order::Sleep { token, until: at }), Purpose::Pause),
            Work::Hit { mut spec, users, until, count } => {
                let order = spec.order(py, scope, token, asked).map(|order| match order {
                    Order::Request(request) => {
                        Order::Hit(Box::new(Hit { request, users, until, count, tags: scope.tags() }))
                    }
                    other => other,
                });
                (order, Purpose::Response(spec))
            }
            Work::Request(mut spec) => (spec.order(py, scope, token, asked), Purpose::Response(spec)),
            Work::Read { arrivals, iterating, timeout: None } => {
                arrivals.wait_to_read(token)?;
                return Ok((None, Purpose::Read { arrivals, iterating }));
            }
            Work::Read { arrivals, iterating, timeout: Some(seconds) } => {
                arrivals.wait_to_read(token)?;
                let until = asked.saturating_add(nanos(seconds));
                (Ok(Order::Sleep { token, until }), Purpose::Read { arrivals, iterating })
            }
            Work::Send { arrivals, opcode, payload } => {
                arrivals.wait_for_end(token);
                let act = Act::Send(opcode, payload, Some(token));
                (Ok(Order::Act { stream: arrivals.id, act }), Purpose::Answer { arrivals })
            }
            Work::Ping { arrivals } => {
                arrivals.wait_for_end(token);
                (Ok(Order::Act { stream: arrivals.id, act: Act::Ping(token) }), Purpose::Answer { arrivals })
            }
            Work::Close { arrivals, code, reason } => {
                arrivals.wait_for_end(token);
                (Ok(Order::Act { stream: arrivals.id, act: Act::Close(code, reason) }), Purpose::End)
            }
        };
        Ok((Some(order), purpose))
    }
}
