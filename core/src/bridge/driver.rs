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
use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::{PyTraverseError, PyVisit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

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
#[pyclass(frozen, module = "sonagi._core", weakref)]
pub struct Driver {
    coroutine: Py<PyAny>,
    /// The coroutine's bound `send`.
    send: Py<PyAny>,
    /// Known once the task has begun.
    task: OnceLock<Task>,
    /// The task's, known once it has waited for us.
    context: OnceLock<Py<PyAny>>,
    state: Mutex<State>,
    /// The task's wake-up, while it waits for us.
    wake_up: Mutex<Option<Py<PyAny>>>,
    /// asyncio's mark that the task has seen this object and means to wait for it.
    blocking: AtomicBool,
}

struct Task {
    task: Py<PyAny>,
    event_loop: Py<PyAny>,
}

impl Driver {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) -> State {
        std::mem::replace(&mut *self.state(), state)
    }

    fn take_wake_up(&self) -> Option<Py<PyAny>> {
        self.wake_up.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What the coroutine waits for has come: run it to its next wait.
    pub fn resume(slf: &Bound<'_, Self>, scope: Option<Py<Scope>>) -> PyResult<()> {
        let (py, this) = (slf.py(), slf.get());
        let (Some(Task { task, event_loop }), Some(context)) = (this.task.get(), this.context.get()) else {
            return Ok(());
        };
        {
            let mut state = this.state();
            if !matches!(*state, State::Parked) {
                return Ok(());
            }
            *state = State::Resumed;
        }
        let switch = TaskSwitch::get(py)?;
        switch.enter(py, event_loop, task)?;
        scope::resume(scope);
        let stepped = run_in(context, &this.send, &py.None().into_bound(py));
        scope::resume(None);
        switch.leave(py, event_loop, task)?;
        let cancelled = match this.set(State::Parked) {
            State::ResumedAndCancelled(message) => Some(message),
            _ => None,
        };
        if let (Ok(yielded), None) = (&stepped, &cancelled) {
            if Operation::resumes(yielded, slf) {
                return Ok(());
            }
        }
        let came = stepped.map(Bound::unbind);
        this.set(match cancelled {
            Some(message) => cancel_what_came(py, came, message)?,
            None => State::HandsOver(came),
        });
        match this.take_wake_up() {
            Some(wake_up) => run_in(context, &wake_up, slf.as_any()).map(drop),
            None => Ok(()),
        }
    }

    /// What the task sees after a step that it made itself.
    fn after<'py>(slf: Bound<'py, Self>, stepped: PyResult<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let yielded = stepped?;
        if !Operation::resumes(&yielded, &slf) {
            return Ok(yielded);
        }
        slf.get().set(State::Parked);
        slf.get().blocking.store(true, Ordering::Relaxed);
        Ok(slf.into_any())
    }

    fn learn_task(&self, py: Python<'_>) -> PyResult<()> {
        if self.task.get().is_none() {
            let task = py.import("asyncio")?.call_method0("current_task")?;
            let event_loop = task.call_method0("get_loop")?.unbind();
            let _ = self.task.set(Task { task: task.unbind(), event_loop });
        }
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
        Ok(Self {
            send: coroutine.getattr("send")?.unbind(),
            coroutine: coroutine.unbind(),
            task: OnceLock::new(),
            context: OnceLock::new(),
            state: Mutex::new(State::Outside),
            wake_up: Mutex::default(),
            blocking: AtomicBool::new(false),
        })
    }

    /// The task has us and we have the task: Python's collector must see the ring to break it.
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.coroutine)?;
        visit.call(&self.send)?;
        if let Some(Task { task, event_loop }) = self.task.get() {
            visit.call(task)?;
            visit.call(event_loop)?;
        }
        if let Some(context) = self.context.get() {
            visit.call(context)?;
        }
        match self.wake_up.try_lock().ok().as_deref() {
            Some(Some(wake_up)) => visit.call(wake_up),
            _ => Ok(()),
        }
    }

    // --- the coroutine's side of the protocol, for the task ---

    fn __await__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, PyAny>> {
        let (py, this) = (slf.py(), slf.get());
        if let State::HandsOver(came) = this.set(State::Outside) {
            return came.map(|came| came.into_bound(py));
        }
        this.learn_task(py)?;
        let stepped = this.send.bind(py).call1((py.None(),));
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
        let (py, this) = (slf.py(), slf.get());
        this.set(State::Outside);
        this.learn_task(py)?;
        let stepped = this.coroutine.bind(py).call_method1("throw", (value.unwrap_or(kind),));
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

    #[getter]
    fn _asyncio_future_blocking(&self) -> bool {
        self.blocking.load(Ordering::Relaxed)
    }

    #[setter(_asyncio_future_blocking)]
    fn set_blocking(&self, blocking: bool) {
        self.blocking.store(blocking, Ordering::Relaxed);
    }

    #[pyo3(signature = (callback, *, context=None))]
    fn add_done_callback(&self, callback: Py<PyAny>, context: Option<Py<PyAny>>) {
        *self.wake_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(callback);
        if let Some(context) = context {
            let _ = self.context.set(context);
        }
    }

    fn get_loop(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.learn_task(py)?;
        let task = self.task.get().ok_or_else(|| PyRuntimeError::new_err("no task runs this driver"))?;
        Ok(task.event_loop.clone_ref(py))
    }

    /// Nothing, or CancelledError: what the task wakes up to.
    fn result(&self, py: Python<'_>) -> PyResult<()> {
        match &*self.state() {
            State::Cancelled(message) => Err(cancelled_error(py, message.as_ref())?),
            _ => Ok(()),
        }
    }

    #[pyo3(signature = (msg=None))]
    fn cancel(slf: &Bound<'_, Self>, msg: Option<Py<PyAny>>) -> PyResult<bool> {
        let (py, this) = (slf.py(), slf.get());
        {
            let mut state = this.state();
            match &*state {
                State::Resumed => *state = State::ResumedAndCancelled(msg),
                State::Parked => *state = State::Cancelled(msg),
                _ => return Ok(false),
            }
            if matches!(*state, State::ResumedAndCancelled(_)) {
                return Ok(true);
            }
        }
        match (this.task.get(), this.context.get(), this.take_wake_up()) {
            (Some(task), Some(context), Some(wake_up)) => {
                call_soon(&task.event_loop, wake_up, slf.as_any(), context.clone_ref(py)).map(|()| true)
            }
            _ => Ok(false),
        }
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    add_coroutine_class::<Driver>(module)
}
