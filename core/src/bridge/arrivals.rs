//! Pieces of a stream on the side of user code: kept in their order until somebody asks for them.

use super::response::RequestError;
use super::user_side::{lock, UserSide};
use crate::engine::{Act, End, Flow, Order, Piece, StreamId, Token};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyRuntimeError, PyStopAsyncIteration};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

create_exception!(sonagi._core, WebSocketError, PyException, "A WebSocket did not open: see `.response`.");
create_exception!(sonagi._core, WebSocketClosed, PyException, "A WebSocket is closed: see `.code` and `.reason`.");

static STREAMS: AtomicU64 = AtomicU64::new(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    WebSocket,
    Body,
}

pub struct Arrivals {
    pub id: StreamId,
    pub flow: Arc<Flow>,
    pub kind: Kind,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pieces: VecDeque<Piece>,
    /// Who waits for the next piece.
    reader: Option<Token>,
    /// Who waits for something else, and wants to know of the end.
    others: Vec<Token>,
    end: Option<Arc<End>>,
}

impl Arrivals {
    pub fn new(kind: Kind) -> Arc<Self> {
        let id = STREAMS.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { id, flow: Arc::default(), kind, state: Mutex::default() })
    }

    pub fn end(&self) -> Option<Arc<End>> {
        lock(&self.state).end.clone()
    }

    /// A piece has come: gives it back if `reader` has waited for it.
    pub fn arrive(&self, piece: Piece) -> Option<(Token, Piece)> {
        let mut state = lock(&self.state);
        match state.reader.take() {
            Some(reader) => Some((reader, piece)),
            None => {
                state.pieces.push_back(piece);
                None
            }
        }
    }

    /// Nobody waited after all.
    pub fn put_back(&self, piece: Piece) {
        lock(&self.state).pieces.push_front(piece);
    }

    /// No more will come: gives all who wait for anything.
    pub fn finish(&self, end: End) -> (Arc<End>, Vec<Token>) {
        let mut state = lock(&self.state);
        let end = Arc::new(end);
        state.end = Some(end.clone());
        let mut waiting = std::mem::take(&mut state.others);
        waiting.extend(state.reader.take());
        (end, waiting)
    }

    /// The next piece or the end, if it is there.
    pub fn next(&self, py: Python<'_>, engine: &UserSide, iterating: bool) -> Option<PyResult<Py<PyAny>>> {
        let (piece, end) = {
            let mut state = lock(&self.state);
            (state.pieces.pop_front(), state.end.clone())
        };
        match (piece, end) {
            (Some(piece), _) => Some(Ok(self.taken(py, engine, piece))),
            (None, Some(end)) => Some(Err(self.ended(&end, iterating))),
            (None, None) => None,
        }
    }

    /// A piece as Python sees it; there is room for another.
    pub fn taken(&self, py: Python<'_>, engine: &UserSide, piece: Piece) -> Py<PyAny> {
        if self.flow.take(piece.length()) {
            engine.order(Order::Act { stream: self.id, act: Act::ReadOn });
        }
        match piece {
            Piece::Text(text) => PyString::new(py, &text).into_any().unbind(),
            Piece::Bytes(bytes) => PyBytes::new(py, &bytes).into_any().unbind(),
            Piece::End(_) => py.None(),
        }
    }

    pub fn wait_to_read(&self, token: Token) -> PyResult<()> {
        let mut state = lock(&self.state);
        if state.reader.is_some() {
            return Err(PyRuntimeError::new_err("another task waits for this stream's next message already"));
        }
        state.reader = Some(token);
        Ok(())
    }

    /// Who waited to read has given up.
    pub fn give_up(&self, token: Token) {
        let mut state = lock(&self.state);
        if state.reader == Some(token) {
            state.reader = None;
        }
        state.others.retain(|other| *other != token);
    }

    pub fn wait_for_end(&self, token: Token) {
        lock(&self.state).others.push(token);
    }

    /// What whoever wants more is told.
    pub fn ended(&self, end: &End, iterating: bool) -> PyErr {
        match (&end.failure, self.kind) {
            (None, _) if iterating => PyStopAsyncIteration::new_err(()),
            (Some(failure), Kind::Body) => {
                RequestError::new_err(format!("{} (error code {})", failure.text, failure.code))
            }
            (None, Kind::Body) => PyStopAsyncIteration::new_err(()),
            (_, Kind::WebSocket) => closed(end),
        }
    }
}

fn closed(end: &End) -> PyErr {
    let what = match (&end.failure, end.reason.as_str()) {
        (Some(failure), _) => failure.text.to_string(),
        (None, "") => "closed".to_owned(),
        (None, reason) => reason.to_owned(),
    };
    let error = WebSocketClosed::new_err(format!("{what} (close code {})", end.code));
    Python::attach(|py| {
        let value = error.value(py);
        let _ = value.setattr("code", end.code);
        let _ = value.setattr("reason", &end.reason);
    });
    error
}
