//! Small pieces of asyncio's and the iterator's protocol, for objects that are futures of their own.

use pyo3::exceptions::PyStopIteration;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};
use pyo3::PyTypeInfo;

/// asyncio.CancelledError, with the message that was given to `cancel`.
pub fn cancelled_error(py: Python<'_>, message: Option<&Py<PyAny>>) -> PyResult<PyErr> {
    let class = py.import("asyncio")?.getattr("CancelledError")?;
    let error = match message {
        Some(message) => class.call1((message,))?,
        None => class.call0()?,
    };
    Ok(PyErr::from_value(error))
}

/// `context.run(callback, argument)`, without a tuple.
pub fn run_in<'py>(
    context: &Py<PyAny>,
    callback: &Py<PyAny>,
    argument: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = argument.py();
    let name = intern!(py, "run").as_ptr();
    // SAFETY: all pointers are live objects, the list ends with NULL, and we hold the interpreter.
    unsafe {
        let result = ffi::PyObject_CallMethodObjArgs(
            context.as_ptr(),
            name,
            callback.as_ptr(),
            argument.as_ptr(),
            std::ptr::null_mut::<ffi::PyObject>(),
        );
        Bound::from_owned_ptr_or_err(py, result)
    }
}

/// `StopIteration(value)` without making the exception object: the awaiting frame takes the value.
pub fn stop_iteration(py: Python<'_>, value: Py<PyAny>) -> PyErr {
    if value.bind(py).is_instance_of::<PyTuple>() {
        return PyStopIteration::new_err((value,));
    }
    // SAFETY: both are live objects; the error set here is fetched at once.
    unsafe { ffi::PyErr_SetObject(ffi::PyExc_StopIteration, value.as_ptr()) };
    PyErr::fetch(py)
}

/// `loop.call_soon(callback, argument, context=context)`
pub fn call_soon(
    event_loop: &Py<PyAny>,
    callback: Py<PyAny>,
    argument: &Bound<'_, PyAny>,
    context: Py<PyAny>,
) -> PyResult<()> {
    let py = argument.py();
    let keywords = PyDict::new(py);
    keywords.set_item("context", context)?;
    event_loop.bind(py).call_method("call_soon", (callback, argument), Some(&keywords)).map(drop)
}

/// What makes a task the current one and ends that; see "Extending" in asyncio's documentation.
pub struct TaskSwitch {
    enter: Py<PyAny>,
    leave: Py<PyAny>,
}

static TASK_SWITCH: PyOnceLock<TaskSwitch> = PyOnceLock::new();

impl TaskSwitch {
    pub fn get(py: Python<'_>) -> PyResult<&Self> {
        TASK_SWITCH.get_or_try_init(py, || {
            let tasks = py.import("asyncio.tasks")?;
            let of = |name: &str| tasks.getattr(name).map(Bound::unbind);
            Ok(Self { enter: of("_enter_task")?, leave: of("_leave_task")? })
        })
    }

    pub fn enter(&self, py: Python<'_>, event_loop: &Py<PyAny>, task: &Py<PyAny>) -> PyResult<()> {
        call2(py, &self.enter, event_loop, task)
    }

    pub fn leave(&self, py: Python<'_>, event_loop: &Py<PyAny>, task: &Py<PyAny>) -> PyResult<()> {
        call2(py, &self.leave, event_loop, task)
    }
}

/// `function(first, second)`, without a tuple.
fn call2(py: Python<'_>, function: &Py<PyAny>, first: &Py<PyAny>, second: &Py<PyAny>) -> PyResult<()> {
    // SAFETY: all pointers are live objects, the list ends with NULL, and we hold the interpreter.
    unsafe {
        let result = ffi::PyObject_CallFunctionObjArgs(
            function.as_ptr(),
            first.as_ptr(),
            second.as_ptr(),
            std::ptr::null_mut::<ffi::PyObject>(),
        );
        Bound::from_owned_ptr_or_err(py, result).map(drop)
    }
}

/// Add a class that is a coroutine in all but name, so that `create_task` takes it.
pub fn add_coroutine_class<T: PyTypeInfo>(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let class = module.py().get_type::<T>();
    let coroutine = module.py().import("collections.abc")?.getattr("Coroutine")?;
    coroutine.call_method1("register", (&class,))?;
    module.add(class.name()?, class)
}
