//! The thread of user code's side of the engine: orders out in batches, completions in in batches.

use super::arrivals::Arrivals;
use super::awaiting::Awaiting;
use super::checks::Checks;
use super::operation::Operation;
use super::targets::Targets;
use crate::clock::{self, Nanos, MILLISECOND};
use crate::engine::{Completion, Order, Piece, Settings, Shared, StreamId, Token};
use crate::stats::{builtin, Contains, Interner, Kind, MetricId, SeriesId, TagsId};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Orders go out at the end of a loop pass, and before that when this many wait …
const BATCH: usize = 32;
/// … or when the first of them has waited this long: a long pass must not make a burst.
const PATIENCE: Nanos = MILLISECOND / 10;
/// User code is resumed for so long at a stretch; then asyncio's own timers and sockets get a turn.
const STRETCH: Nanos = 2 * MILLISECOND;

#[derive(Default)]
struct Outbox {
    orders: Vec<Order>,
    /// When the first of them matters.
    matters: Nanos,
    first: Nanos,
    /// Inside `drain`, which flushes at its end.
    draining: bool,
    flush_is_due: bool,
}

pub struct UserSide {
    pub shared: Arc<Shared>,
    outbox: Mutex<Outbox>,
    awaiting: Mutex<Awaiting>,
    /// Completions that were taken and not yet handed over.
    inbox: Mutex<VecDeque<Completion>>,
    /// Streams that may still bring something.
    streams: Mutex<FxHashMap<StreamId, Arc<Arrivals>>>,
    pub targets: Mutex<Targets>,
    pub checks: Mutex<Checks>,
    resumed_lag: SeriesId,
    /// The stamp of what the code that runs now was resumed by; 0 when asyncio resumed it.
    resumed_by: AtomicU64,
    event_loop: Py<PyAny>,
    on_message: Mutex<Option<Py<PyAny>>>,
    /// The engine's bound `flush`, for the loop.
    pub on_flush: Mutex<Option<Py<PyAny>>>,
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl UserSide {
    pub fn new(shared: Arc<Shared>, event_loop: Py<PyAny>, on_message: Py<PyAny>) -> Self {
        let resumed_lag = {
            let mut interner = lock(&shared.interner);
            let tags = interner.with(TagsId::EMPTY, &[("phase", "resumed")]);
            lock(&shared.recorder).series(builtin::GENERATOR_LAG, tags, &interner)
        };
        Self {
            shared,
            outbox: Mutex::default(),
            awaiting: Mutex::default(),
            inbox: Mutex::default(),
            streams: Mutex::default(),
            targets: Mutex::default(),
            checks: Mutex::default(),
            resumed_lag,
            resumed_by: AtomicU64::new(0),
            event_loop,
            on_message: Mutex::new(Some(on_message)),
            on_flush: Mutex::default(),
        }
    }

    pub fn interner(&self) -> MutexGuard<'_, Interner> {
        lock(&self.shared.interner)
    }

    pub fn series(&self, metric: MetricId, tags: TagsId) -> SeriesId {
        let interner = lock(&self.shared.interner);
        lock(&self.shared.recorder).series(metric, tags, &interner)
    }

    pub fn metric(&self, name: &str, kind: &str, contains: &str) -> PyResult<MetricId> {
        let kind = Kind::from_name(kind).ok_or_else(|| PyValueError::new_err(format!("no kind of metric: {kind}")))?;
        Ok(self.interner().metric(name, kind, Contains::from_name(contains)))
    }

    pub fn add(&self, samples: &[(SeriesId, f64)]) {
        let mut recorder = lock(&self.shared.recorder);
        for (series, value) in samples {
            recorder.add(*series, *value);
        }
    }

    pub fn keep_samples(&self) {
        lock(&self.shared.recorder).keep_samples();
        self.order(Order::KeepSamples);
    }

    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.shared.settings)
    }

    pub fn event_loop(&self) -> &Py<PyAny> {
        &self.event_loop
    }

    /// From when a pause counts: the stamp that resumed this code, so that users who were resumed in
    /// one batch do not go on as one convoy; or now.
    pub fn pause_base(&self) -> Nanos {
        match self.resumed_by.load(Ordering::Relaxed) {
            0 => clock::now(),
            stamp => stamp,
        }
    }

    pub fn wait_for(&self, operation: Py<Operation>) -> Token {
        lock(&self.awaiting).insert(operation)
    }

    /// Nobody waits for `token` any more.
    pub fn forget(&self, token: Token) {
        let waiting = lock(&self.awaiting).take(token);
        if waiting.is_some() {
            self.order(Order::Abort(token));
        }
    }

    /// Give an order; it goes out with its batch.
    pub fn order(&self, order: Order) {
        self.order_at(order, clock::now());
    }

    /// The same by a clock that was read just now.
    pub fn order_at(&self, order: Order, now: Nanos) {
        let mut outbox = lock(&self.outbox);
        if outbox.orders.is_empty() {
            outbox.first = now;
            outbox.matters = Nanos::MAX;
        }
        outbox.matters = outbox.matters.min(if let Order::Sleep { until, .. } = &order { *until } else { 0 });
        outbox.orders.push(order);
        if outbox.orders.len() >= BATCH || now.saturating_sub(outbox.first) > PATIENCE {
            let matters = outbox.matters;
            self.shared.order(&mut outbox.orders, matters);
        } else if !outbox.draining && !outbox.flush_is_due {
            outbox.flush_is_due = true;
            drop(outbox);
            self.flush_soon();
        }
    }

    fn flush_soon(&self) {
        Python::attach(|py| {
            let flush = lock(&self.on_flush).as_ref().map(|flush| flush.clone_ref(py));
            let asked = flush.map(|flush| self.event_loop.call_method1(py, pyo3::intern!(py, "call_soon"), (flush,)));
            // A loop that is closed runs nothing more: send at once.
            if !matches!(asked, Some(Ok(_))) {
                self.flush();
            }
        });
    }

    /// The end: let go of what holds us.
    pub fn part(&self) {
        let parted = (lock(&self.on_message).take(), lock(&self.on_flush).take());
        drop(parted);
    }

    pub fn flush(&self) {
        let mut outbox = lock(&self.outbox);
        outbox.flush_is_due = false;
        if !outbox.orders.is_empty() {
            let matters = outbox.matters;
            self.shared.order(&mut outbox.orders, matters);
        }
    }

    pub fn drain(&self, py: Python<'_>) -> PyResult<()> {
        self.shared.clear_wake();
        lock(&self.outbox).draining = true;
        let mut trouble = None;
        let began = clock::now();
        let mut now = began;
        while let Some(completion) = self.next_completion() {
            if now - began > STRETCH {
                lock(&self.inbox).push_front(completion);
                self.shared.wake_user();
                break;
            }
            now = clock::now();
            if let Err(error) = self.hand_over(py, completion, now) {
                trouble.get_or_insert(error);
            }
        }
        self.resumed_by.store(0, Ordering::Relaxed);
        lock(&self.outbox).draining = false;
        self.flush();
        trouble.map_or(Ok(()), Err)
    }

    /// The next completion. Before more are taken, what those before have ordered goes out.
    fn next_completion(&self) -> Option<Completion> {
        let mut inbox = lock(&self.inbox);
        if inbox.is_empty() {
            drop(inbox);
            self.flush();
            inbox = lock(&self.inbox);
            let mut batch = Vec::new();
            self.shared.take_completions(&mut batch);
            inbox.extend(batch);
        }
        inbox.pop_front()
    }

    fn hand_over(&self, py: Python<'_>, completion: Completion, now: Nanos) -> PyResult<()> {
        match completion {
            Completion::Response { token, outcome } => {
                let Some(operation) = lock(&self.awaiting).take(token) else {
                    return Ok(());
                };
                self.resumes(outcome.last_byte, now);
                Operation::answer(operation.bind(py), outcome)
            }
            Completion::Slept { token, due } => {
                let Some(operation) = lock(&self.awaiting).take(token) else {
                    return Ok(());
                };
                self.resumes(due, now);
                Operation::wake(operation.bind(py))
            }
            Completion::Piece { stream, piece, at } => self.arrived(py, stream, piece, at, now),
            Completion::Ponged { token, round_trip, at } => {
                let Some(operation) = lock(&self.awaiting).take(token) else {
                    return Ok(());
                };
                self.resumes(at, now);
                let seconds = round_trip as f64 / clock::SECOND as f64;
                Operation::settle(operation.bind(py), Ok(PyFloat::new(py, seconds).into_any().unbind()))
            }
            Completion::Message { kind, payload } => {
                self.resumed_by.store(0, Ordering::Relaxed);
                let payload = PyBytes::new(py, &payload);
                let on_message = lock(&self.on_message).as_ref().map(|on_message| on_message.clone_ref(py));
                on_message.map_or(Ok(()), |on_message| on_message.call1(py, (char::from(kind), payload)).map(drop))
            }
        }
    }

    pub fn begin_stream(&self, arrivals: &Arc<Arrivals>) {
        lock(&self.streams).insert(arrivals.id, arrivals.clone());
    }

    /// A piece of a stream has come, or its end.
    fn arrived(&self, py: Python<'_>, stream: StreamId, piece: Piece, at: Nanos, now: Nanos) -> PyResult<()> {
        if let Piece::End(end) = piece {
            let Some(arrivals) = lock(&self.streams).remove(&stream) else {
                return Ok(());
            };
            let (end, waiting) = arrivals.finish(*end);
            let mut trouble = Ok(());
            for token in waiting {
                let operation = lock(&self.awaiting).take(token);
                if let Some(operation) = operation {
                    self.resumes(at, now);
                    trouble = trouble.and(Operation::end(operation.bind(py), &end));
                }
            }
            return trouble;
        }
        let Some(arrivals) = lock(&self.streams).get(&stream).cloned() else {
            return Ok(());
        };
        let Some((token, piece)) = arrivals.arrive(piece) else {
            return Ok(());
        };
        let operation = lock(&self.awaiting).take(token);
        match operation {
            Some(operation) => {
                self.resumes(at, now);
                let value = arrivals.taken(py, self, piece);
                Operation::settle(operation.bind(py), Ok(value))
            }
            None => {
                arrivals.put_back(piece);
                Ok(())
            }
        }
    }

    fn resumes(&self, stamp: Nanos, now: Nanos) {
        self.resumed_by.store(stamp, Ordering::Relaxed);
        let lag = clock::ms(stamp, now);
        lock(&self.shared.recorder).add(self.resumed_lag, lag);
    }
}
