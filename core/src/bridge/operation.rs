//! What user code awaits: a request or a pause. Lazy: nothing happens before it is awaited.
//!
//! It is its own future and its own iterator, so that `await http.get(…)` costs one object. It
//! speaks asyncio's protocol for future-like objects (`_asyncio_future_blocking`,
//! `add_done_callback`, …; see asyncio.Future), so tasks, `gather` and timeouts take it as it is.

use super::arrivals::Kind;
use super::asyncio::{add_coroutine_class, call_soon, cancelled_error, run_in, stop_iteration};
use super::driver::Driver;
use super::response::{self, Response};
use super::scope::{self, Scope};
use super::user_side::UserSide;
use super::work::{Purpose, Work};
use crate::clock::{self, Nanos};
use crate::engine::{End, Outcome, Token};
use pyo3::exceptions::{PyAttributeError, PyRuntimeError, PyTimeoutError};
use pyo3::prelude::*;
use std::sync::Arc;

enum State {
    New(Work),
    Waiting {
        token: Token,
        purpose: Purpose,
    },
    Done(PyResult<Py<PyAny>>),
    Cancelled(Option<Py<PyAny>>),
    /// Between two states; never seen from outside.
    Between,
}

#[pyclass(module = "sonagi._core", weakref)]
pub struct Operation {
    state: State,
    scope: Option<Py<Scope>>,
    /// asyncio's mark that a task has seen this object and means to wait for it.
    #[pyo3(get, set)]
    _asyncio_future_blocking: bool,
    driver: Option<Py<Driver>>,
    callback: Option<(Py<PyAny>, Py<PyAny>)>,
    more_callbacks: Vec<(Py<PyAny>, Py<PyAny>)>,
}

impl Operation {
    pub fn new(work: Work) -> Self {
        Self {
            state: State::New(work),
            scope: None,
            _asyncio_future_blocking: false,
            driver: None,
            callback: None,
            more_callbacks: Vec::new(),
        }
    }

    fn scope(py: Python<'_>) -> PyResult<Py<Scope>> {
        scope::current(py)?.ok_or_else(|| {
            PyRuntimeError::new_err("requests and pauses belong into a scenario's function, setup() or teardown()")
        })
    }

    /// Hand the work to the I/O thread, if that has not been done.
    fn submit(slf: &Bound<'_, Self>) -> PyResult<()> {
        if !matches!(slf.borrow().state, State::New(_)) {
            return Ok(());
        }
        let py = slf.py();
        let owner = Self::scope(py)?;
        let scope = owner.get();
        let engine = scope.engine();
        let mut this = slf.borrow_mut();
        this.scope = Some(owner.clone_ref(py));
        let State::New(mut work) = std::mem::replace(&mut this.state, State::Between) else {
            return Ok(());
        };
        if let Some(result) = work.at_once(py, engine) {
            this.state = State::Done(result);
            return Ok(());
        }
        scope.user.suspends();
        let token = engine.wait_for(slf.clone().unbind());
        let asked = if work.needs_no_clock() { 0 } else { clock::now() };
        let (order, purpose) = work.begin(py, scope, token, asked)?;
        this.state = State::Waiting { token, purpose };
        drop(this);
        if let Some(order) = order {
            engine.order_at(order?, asked);
        }
        Ok(())
    }

    /// The response has come: resume whoever waits.
    pub fn answer(slf: &Bound<'_, Self>, outcome: Box<Outcome>) -> PyResult<()> {
        let py = slf.py();
        let state = std::mem::replace(&mut slf.borrow_mut().state, State::Between);
        let State::Waiting { purpose: Purpose::Response(spec), .. } = state else {
            slf.borrow_mut().state = state;
            return Ok(());
        };
        let engine = slf.borrow().engine();
        let response = Response::new(py, outcome, &spec);
        let result = match (&spec.streaming, engine) {
            (Some(asked), Some(engine)) => {
                response.with_stream(py, asked, engine, spec.raise_on_error.unwrap_or(false))
            }
            _ => response.into_result(py, spec.raise_on_error.unwrap_or(false)),
        };
        Self::settle(slf, result)
    }

    /// It is done: resume whoever waits.
    pub fn settle(slf: &Bound<'_, Self>, result: PyResult<Py<PyAny>>) -> PyResult<()> {
        slf.borrow_mut().state = State::Done(result);
        Self::call_back(slf)
    }

    /// The stream that it waits for has ended.
    pub fn end(slf: &Bound<'_, Self>, end: &End) -> PyResult<()> {
        let result = match &slf.borrow().state {
            State::Waiting { purpose: Purpose::Read { arrivals, iterating }, .. } => {
                Err(arrivals.ended(end, *iterating))
            }
            State::Waiting { purpose: Purpose::Answer { arrivals }, .. } => Err(arrivals.ended(end, false)),
            _ => Ok(slf.py().None()),
        };
        Self::settle(slf, result)
    }

    /// The same request, for a stream.
    pub fn streaming(request: &Bound<'_, Self>, kind: Kind, protocols: &str) -> PyResult<Self> {
        let mut operation = request.borrow_mut();
        match std::mem::replace(&mut operation.state, State::Between) {
            State::New(Work::Request(spec)) => Ok(Self::new(Work::Request(spec.into_stream(kind, protocols)?))),
            _ => Err(PyRuntimeError::new_err("this takes a request that has not been awaited")),
        }
    }

    /// The pause, or the time to wait, is over; or there is room for more.
    pub fn wake(slf: &Bound<'_, Self>) -> PyResult<()> {
        let result = match &slf.borrow().state {
            State::Waiting { purpose: Purpose::Read { arrivals, .. }, token } => {
                arrivals.give_up(*token);
                Err(PyTimeoutError::new_err("no message came in time"))
            }
            _ => Ok(slf.py().None()),
        };
        Self::settle(slf, result)
    }

    /// If `yielded` is an operation that waits, and nobody else has asked for its end: it resumes
    /// `driver`.
    pub fn resumes(yielded: &Bound<'_, PyAny>, driver: &Bound<'_, Driver>) -> bool {
        let Ok(operation) = yielded.cast_exact::<Self>() else {
            return false;
        };
        let mut this = operation.borrow_mut();
        let ours = matches!(this.state, State::Waiting { .. }) && this.driver.is_none();
        if ours {
            this._asyncio_future_blocking = false;
            this.driver = Some(driver.clone().unbind());
        }
        ours
    }

    /// Resume the driver, and run the callbacks, each in its context. Called from the loop's own
    /// callback, where no task is running: a task's wake-up may be called right away, without another
    /// round of the loop.
    fn call_back(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        let (driver, first, more, scope) = {
            let mut this = slf.borrow_mut();
            let scope = this.scope.as_ref().map(|scope| scope.clone_ref(py));
            (this.driver.take(), this.callback.take(), std::mem::take(&mut this.more_callbacks), scope)
        };
        let mut trouble = Ok(());
        let callbacks = first.into_iter().chain(more);
        if let Some(driver) = driver {
            trouble = Driver::resume(driver.bind(py), scope.as_ref().map(|scope| scope.clone_ref(py)));
        }
        for (callback, context) in callbacks {
            scope::resume(scope.as_ref().map(|scope| scope.clone_ref(py)));
            let called = run_in(&context, &callback, slf.as_any());
            scope::resume(None);
            trouble = trouble.and(called.map(drop));
        }
        trouble
    }

    fn give_up(&mut self, message: Option<Py<PyAny>>) {
        let state = std::mem::replace(&mut self.state, State::Cancelled(message));
        if let State::Waiting { token, purpose: Purpose::Read { arrivals, .. } | Purpose::Answer { arrivals } } = state
        {
            arrivals.give_up(token);
        }
    }

    fn engine(&self) -> Option<Arc<UserSide>> {
        self.scope.as_ref().map(|scope| scope.get().engine().clone())
    }

    fn outcome(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.state {
            State::Done(Ok(value)) => Ok(value.clone_ref(py)),
            State::Done(Err(error)) => Err(error.clone_ref(py)),
            State::Cancelled(message) => Err(cancelled_error(py, message.as_ref())?),
            _ => Err(PyErr::from_value(py.import("asyncio")?.getattr("InvalidStateError")?.call1(("not done yet",))?)),
        }
    }
}

#[pymethods]
impl Operation {
    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        Self::submit(&slf)?;
        let mut this = slf.borrow_mut();
        if matches!(this.state, State::Waiting { .. }) {
            this._asyncio_future_blocking = true;
            drop(this);
            return Ok(slf);
        }
        let py = slf.py();
        let outcome = this.outcome(py);
        drop(this);
        Err(stop_iteration(py, outcome?))
    }

    /// The coroutine's side of the protocol, so that `create_task(http.get(…))` works.
    fn send<'py>(slf: Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, Self>> {
        let _ = value;
        Self::__next__(slf)
    }

    #[pyo3(signature = (kind, value=None, traceback=None))]
    fn throw(
        slf: &Bound<'_, Self>,
        kind: &Bound<'_, PyAny>,
        value: Option<&Bound<'_, PyAny>>,
        traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let _ = traceback;
        Self::close(slf);
        let error = match value {
            Some(value) => value.clone(),
            None if kind.is_callable() => kind.call0()?,
            None => kind.clone(),
        };
        Err(PyErr::from_value(error))
    }

    /// Give up: nobody will wait for this.
    fn close(slf: &Bound<'_, Self>) {
        let waiting = {
            let this = slf.borrow();
            match this.state {
                State::Waiting { token, .. } => this.engine().map(|engine| (engine, token)),
                _ => None,
            }
        };
        if let Some((engine, token)) = waiting {
            slf.borrow_mut().give_up(None);
            engine.forget(token);
        }
    }

    #[pyo3(signature = (callback, *, context=None))]
    fn add_done_callback(slf: &Bound<'_, Self>, callback: Py<PyAny>, context: Option<Py<PyAny>>) -> PyResult<()> {
        let py = slf.py();
        Self::submit(slf)?;
        let context = match context {
            Some(context) => context,
            None => py.import("contextvars")?.call_method0("copy_context")?.unbind(),
        };
        let mut this = slf.borrow_mut();
        if let State::Waiting { .. } = this.state {
            if this.callback.is_none() {
                this.callback = Some((callback, context));
            } else {
                this.more_callbacks.push((callback, context));
            }
            return Ok(());
        }
        let event_loop = this.engine().map(|engine| engine.event_loop().clone_ref(py));
        drop(this);
        match event_loop {
            Some(event_loop) => call_soon(&event_loop, callback, slf.as_any(), context),
            None => Ok(()),
        }
    }

    fn remove_done_callback(&mut self, py: Python<'_>, callback: &Bound<'_, PyAny>) -> PyResult<usize> {
        let all = self.callback.take().into_iter().chain(std::mem::take(&mut self.more_callbacks));
        let (mut kept, mut removed) = (Vec::new(), 0);
        for entry in all {
            if entry.0.bind(py).eq(callback)? {
                removed += 1;
            } else {
                kept.push(entry);
            }
        }
        self.more_callbacks = kept;
        Ok(removed)
    }

    #[pyo3(signature = (msg=None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let (engine, token) = {
            let mut this = slf.borrow_mut();
            let State::Waiting { token, .. } = this.state else {
                return Ok(false);
            };
            this.give_up(msg);
            (this.engine(), token)
        };
        let Some(engine) = engine else {
            return Ok(false);
        };
        engine.forget(token);
        let (first, more) = {
            let mut this = slf.borrow_mut();
            (this.callback.take(), std::mem::take(&mut this.more_callbacks))
        };
        for (callback, context) in first.into_iter().chain(more) {
            call_soon(&engine.event_loop().clone_ref(py), callback, slf.as_any(), context)?;
        }
        Ok(true)
    }

    fn cancelled(&self) -> bool {
        matches!(self.state, State::Cancelled(_))
    }

    fn done(&self) -> bool {
        matches!(self.state, State::Cancelled(_) | State::Done(_))
    }

    fn result(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.outcome(py)
    }

    fn exception(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        match (&self.state, self.outcome(py)) {
            (_, Ok(_)) => Ok(None),
            (State::Done(_), Err(error)) => Ok(Some(error.into_value(py).into_any())),
            (_, Err(error)) => Err(error),
        }
    }

    fn get_loop(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match self.engine() {
            Some(engine) => Ok(engine.event_loop().clone_ref(py)),
            None => Ok(Self::scope(py)?.get().engine().event_loop().clone_ref(py)),
        }
    }

    /// Only called for what is not there: most likely the response's, on a request not awaited.
    fn __getattr__(&self, name: &str) -> PyResult<Py<PyAny>> {
        const OF_RESPONSES: [&str; 8] =
            ["status_code", "json", "text", "content", "headers", "timings", "error_code", "raise_for_status"];
        let mend =
            if OF_RESPONSES.contains(&name) { "; it has not been awaited: write \"await http.get(…)\"" } else { "" };
        Err(PyAttributeError::new_err(format!("a request has no {name:?}{mend}")))
    }

    fn __repr__(&self) -> String {
        let state = match &self.state {
            State::New(_) => "not awaited",
            State::Waiting { .. } => "waiting",
            State::Done(_) => "done",
            State::Cancelled(_) => "cancelled",
            State::Between => "busy",
        };
        format!("<sonagi operation, {state}>")
    }
}

/// Pause this user for `seconds`, counted from the stamp of what it last waited for.
#[pyfunction]
fn sleep(seconds: f64) -> PyResult<Operation> {
    if !seconds.is_finite() || seconds < 0.0 {
        return Err(pyo3::exceptions::PyValueError::new_err(format!(
            "sleep({seconds}): give the seconds as a number of 0 or more"
        )));
    }
    Ok(Operation::new(Work::Pause { seconds }))
}

/// What `request` asks for, again and again by `users` users, from the one who awaits it on, until a time
/// of `now_ns()` or until `count` requests were made. All of it happens in the core; bodies are not kept.
#[pyfunction]
fn hit(request: &Bound<'_, Operation>, users: u32, until: Nanos, count: Option<u64>) -> PyResult<Operation> {
    let mut operation = request.borrow_mut();
    match std::mem::replace(&mut operation.state, State::Between) {
        State::New(Work::Request(spec)) => {
            Ok(Operation::new(Work::Hit { spec, users, until, count: count.unwrap_or(u64::MAX) }))
        }
        _ => Err(PyRuntimeError::new_err("hit() takes a request that has not been awaited")),
    }
}

/// Pause until `at`, a time of `now_ns()`.
#[pyfunction]
fn pause_until(at: Nanos) -> Operation {
    Operation::new(Work::Until { at })
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    add_coroutine_class::<Operation>(module)?;
    module.add_function(wrap_pyfunction!(sleep, module)?)?;
    module.add_function(wrap_pyfunction!(pause_until, module)?)?;
    module.add_function(wrap_pyfunction!(hit, module)?)?;
    response::register_errors(module)
}
