//! Runs a user's coroutine for its asyncio task, and steps over the task where it can.
//!
//! A task resumes its coroutine at a price: a look-up by name, a bound method and a callback object
//! for each wait, more than a request's way through the rest of Python. The driver stands between the
//! two. When the coroutine waits for an operation of the core, the task is told once to wait for the
//! driver, and stays so while operation after operation resumes the coroutine directly, as the current
//! task and in the task's context. What the core does not know (another future, a bare `yield`, the
//! end) goes to the task as it came. Cancelling comes from the task as ever.

use super::asyncio::{add_coroutine_class, call_soon, cancelled_error, run_in, TaskSwitch};
use super::operation::Operation;
use super::scope::{self, Scope};
use pyo3::exceptions::PyStopIteration;
use pyo3::intern;
use pyo3::prelude::*;

enum State {
    /// The task runs the coroutine, or waits for something that is not ours.
    Outside,
    /// The coroutine waits for an operation, and the task for this driver.
    Parked,
    /// An operation is resuming the coroutine; the task still waits.
    Resumed,
    /// Resumed, and cancelled meanwhile by what it ran.
    ResumedAndCancelled(Option<Py<PyAny>>),
    /// The coroutine has come to what its task must see.
    HandsOver(PyResult<Py<PyAny>>),
    /// Cancelled while it was parked: the task shall throw.
    Cancelled(Option<Py<PyAny>>),
}

/// `loop.create_task(Driver(coroutine))`
#[pyclass(module = "sonagi._core", weakref)]
pub struct Driver {
    coroutine: Py<PyAny>,
    /// The coroutine's bound `send`.
    send: Py<PyAny>,
    state: State,
    task: Option<Task>,
    /// The task's wake-up, while it waits for us.
    wake_up: Option<Py<PyAny>>,
    /// asyncio's mark that the task has seen this object and means to wait for it.
    #[pyo3(get, set)]
    _asyncio_future_blocking: bool,
}

/// What is known of the task once it has begun.
struct Task {
    task: Py<PyAny>,
    event_loop: Py<PyAny>,
    context: Py<PyAny>,
}

impl Driver {
    /// What the coroutine waits for has come: run it to its next wait.
    pub fn resume(slf: &Bound<'_, Self>, scope: Option<Py<Scope>>) -> PyResult<()> {
        let py = slf.py();
        let (event_loop, task, context, send) = {
            let mut this = slf.borrow_mut();
            if !matches!(this.state, State::Parked) {
                return Ok(());
            }
            this.state = State::Resumed;
            let Some(task) = &this.task else { return Ok(()) };
            (
                task.event_loop.clone_ref(py),
                task.task.clone_ref(py),
                task.context.clone_ref(py),
                this.send.clone_ref(py),
            )
        };
        let switch = TaskSwitch::get(py)?;
        switch.enter(py, &event_loop, &task)?;
        scope::resume(scope);
        let stepped = run_in(&context, &send, &py.None().into_bound(py));
        scope::resume(None);
        switch.leave(py, &event_loop, &task)?;
        let cancelled = {
            let mut this = slf.borrow_mut();
            match std::mem::replace(&mut this.state, State::Parked) {
                State::ResumedAndCancelled(message) => Some(message),
                _ => None,
            }
        };
        if let (Ok(yielded), None) = (&stepped, &cancelled) {
            if Operation::resumes(yielded, slf) {
                return Ok(());
            }
        }
        let next = match cancelled {
            Some(message) => cancel_what_came(py, stepped.map(Bound::unbind), message)?,
            None => State::HandsOver(stepped.map(Bound::unbind)),
        };
        let wake_up = {
            let mut this = slf.borrow_mut();
            this.state = next;
            this.wake_up.take()
        };
        match wake_up {
            Some(wake_up) => run_in(&context, &wake_up, slf.as_any()).map(drop),
            None => Ok(()),
        }
    }

    /// What the task sees after a step that it made itself.
    fn after<'py>(slf: Bound<'py, Self>, stepped: PyResult<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let yielded = stepped?;
        if !Operation::resumes(&yielded, &slf) {
            return Ok(yielded);
        }
        let mut this = slf.borrow_mut();
        this.state = State::Parked;
        this._asyncio_future_blocking = true;
        drop(this);
        Ok(slf.into_any())
    }

    fn learn_task(slf: &Bound<'_, Self>) -> PyResult<()> {
        let py = slf.py();
        if slf.borrow().task.is_some() {
            return Ok(());
        }
        let task = py.import("asyncio")?.call_method0("current_task")?;
        let event_loop = task.call_method0("get_loop")?.unbind();
        // A placeholder: the task gives its own when it first waits for us.
        let context = py.import("contextvars")?.call_method0("copy_context")?.unbind();
        slf.borrow_mut().task = Some(Task { task: task.unbind(), event_loop, context });
        Ok(())
    }
}

/// A cancellation that came while the coroutine ran meets what the coroutine came to, as in a task.
fn cancel_what_came(py: Python<'_>, came: PyResult<Py<PyAny>>, message: Option<Py<PyAny>>) -> PyResult<State> {
    match &came {
        Ok(yielded) => {
            let yielded = yielded.bind(py);
            let others = !yielded.is_none() && !yielded.is_exact_instance_of::<Operation>();
            if others {
                yielded.call_method1(intern!(py, "cancel"), (message,))?;
                return Ok(State::HandsOver(came));
            }
            Ok(State::Cancelled(message))
        }
        Err(error) if error.is_instance_of::<PyStopIteration>(py) => {
            Ok(State::HandsOver(Err(cancelled_error(py, message.as_ref())?)))
        }
        Err(_) => Ok(State::HandsOver(came)),
    }
}

#[pymethods]
impl Driver {
    #[new]
    fn new(coroutine: Bound<'_, PyAny>) -> PyResult<Self> {
        let send = coroutine.getattr("send")?.unbind();
        let coroutine = coroutine.unbind();
        Ok(Self { coroutine, send, state: State::Outside, task: None, wake_up: None, _asyncio_future_blocking: false })
    }

    // --- the coroutine's side of the protocol, for the task ---

    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        let py = slf.py();
        let state = std::mem::replace(&mut slf.borrow_mut().state, State::Outside);
        if let State::HandsOver(came) = state {
            return came.map(|came| came.into_bound(py));
        }
        Self::learn_task(&slf)?;
        let send = slf.borrow().send.clone_ref(py);
        let stepped = send.bind(py).call1((py.None(),));
        Self::after(slf, stepped)
    }

    fn send<'py>(slf: Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let _ = value;
        Self::__next__(slf)
    }

    #[pyo3(signature = (kind, value=None, traceback=None))]
    fn throw<'py>(
        slf: Bound<'py, Self>,
        kind: Bound<'py, PyAny>,
        value: Option<Bound<'py, PyAny>>,
        traceback: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = traceback;
        slf.borrow_mut().state = State::Outside;
        Self::learn_task(&slf)?;
        let coroutine = slf.borrow().coroutine.clone_ref(slf.py()).into_bound(slf.py());
        let stepped = coroutine.call_method1("throw", (value.unwrap_or(kind),));
        Self::after(slf, stepped)
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.coroutine.call_method0(py, "close").map(drop)
    }

    /// `cr_frame` and its kin, for asyncio's and debuggers' views of a task.
    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.coroutine.getattr(py, name)
    }

    // --- the future's side of the protocol, for the task ---

    #[pyo3(signature = (callback, *, context=None))]
    fn add_done_callback(&mut self, callback: Py<PyAny>, context: Option<Py<PyAny>>) {
        self.wake_up = Some(callback);
        if let (Some(task), Some(context)) = (&mut self.task, context) {
            task.context = context;
        }
    }

    fn get_loop(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        match &self.task {
            Some(task) => Ok(task.event_loop.clone_ref(py)),
            None => Ok(py.import("asyncio")?.call_method0("get_running_loop")?.unbind()),
        }
    }

    /// Nothing, or CancelledError: what the task wakes up to.
    fn result(&self, py: Python<'_>) -> PyResult<()> {
        match &self.state {
            State::Cancelled(message) => Err(cancelled_error(py, message.as_ref())?),
            _ => Ok(()),
        }
    }

    #[pyo3(signature = (msg=None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let py = slf.py();
        let mut this = slf.borrow_mut();
        if matches!(this.state, State::Resumed) {
            this.state = State::ResumedAndCancelled(msg);
            return Ok(true);
        }
        let (State::Parked, Some(task)) = (&this.state, &this.task) else {
            return Ok(false);
        };
        let (event_loop, context) = (task.event_loop.clone_ref(py), task.context.clone_ref(py));
        this.state = State::Cancelled(msg);
        let wake_up = this.wake_up.take();
        drop(this);
        match wake_up {
            Some(wake_up) => call_soon(&event_loop, wake_up, slf.as_any(), context).map(|()| true),
            None => Ok(false),
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    add_coroutine_class::<Driver>(module)
}
