//! In whose name user code acts: which virtual user, in which group, under which tags.
//!
//! A context variable holds the scope, so that helpers, `gather` and groups find the right one.

use super::user_side::UserSide;
use crate::clock::{self, Nanos, MILLISECOND};
use crate::engine::Order;
use crate::stats::{builtin, SeriesId, TagsId};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

static SCOPE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The scope of the code that the core has just resumed, so that it need not be looked up. It holds
/// until that code waits again or changes its scope.
static RESUMED: Mutex<Option<Py<Scope>>> = Mutex::new(None);

/// The code of `scope` runs from here on; `None` when it is no longer known whose code runs.
pub fn resume(scope: Option<Py<Scope>>) {
    let before = std::mem::replace(&mut *RESUMED.lock().unwrap_or_else(PoisonError::into_inner), scope);
    // Dropped after the lock is free: its end may run Python code, which may look for its scope.
    drop(before);
}

/// A virtual user, as all its scopes know it.
pub struct User {
    pub engine: Arc<UserSide>,
    /// Index in this worker.
    pub index: u32,
    iteration: AtomicU64,
    started: AtomicU64,
    /// When the last iteration ended; 0 when time has passed since.
    ended: AtomicU64,
    /// By how much the iteration began later than it was due; [`NOT_DUE`] in a closed model.
    late: AtomicU64,
    /// Whether the iteration has waited for anything of ours.
    suspended: AtomicBool,
    tags: Mutex<Vec<(String, String)>>,
    tags_version: AtomicU32,
}

impl User {
    pub fn iteration(&self) -> u64 {
        self.iteration.load(Ordering::Relaxed)
    }

    /// How much later than the plan wants it this user's code runs, as far as its start is to blame.
    pub fn late(&self) -> Option<Nanos> {
        Some(self.late.load(Ordering::Relaxed)).filter(|late| *late != NOT_DUE)
    }

    pub fn suspends(&self) {
        self.suspended.store(true, Ordering::Relaxed);
        self.ended.store(0, Ordering::Relaxed);
    }
}

/// For `User::late`: iterations of a closed model begin when they can.
const NOT_DUE: Nanos = Nanos::MAX;

/// A start that is later than this is counted as late: k6 tells no such start from one in time.
const LATE: Nanos = 10 * MILLISECOND;

#[derive(Clone, Copy)]
struct Lateness {
    by: SeriesId,
    count: SeriesId,
}

#[derive(Clone, Copy)]
struct IterationSeries {
    count: SeriesId,
    duration: SeriesId,
}

#[pyclass(frozen, module = "sonagi._core")]
pub struct Scope {
    pub user: Arc<User>,
    /// The virtual user's Python object.
    #[pyo3(get)]
    vu: Py<PyAny>,
    /// k6's path of groups, "::a::b"; "" at the root.
    #[pyo3(get)]
    group: String,
    scenario: String,
    /// Tags of scenario and group, before those of the user.
    plain: TagsId,
    /// (version of the user's tags, all tags).
    tags: Mutex<(u32, TagsId)>,
    iterations: OnceLock<IterationSeries>,
    /// Of starts that waited for the generator, and for a user.
    lateness: [OnceLock<Lateness>; 2],
}

impl Scope {
    fn make(user: Arc<User>, vu: Py<PyAny>, scenario: String, group: String) -> Self {
        let plain = {
            let mut interner = user.engine.interner();
            let mut tags = vec![("group", group.as_str())];
            if !scenario.is_empty() {
                tags.push(("scenario", scenario.as_str()));
            }
            interner.with(TagsId::EMPTY, &tags)
        };
        let tags = Mutex::new((0, plain));
        Self { user, vu, group, scenario, plain, tags, iterations: OnceLock::new(), lateness: Default::default() }
    }

    /// All tags that what happens here carries.
    pub fn tags(&self) -> TagsId {
        let version = self.user.tags_version.load(Ordering::Relaxed);
        let mut cached = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.0 != version {
            let own = self.user.tags.lock().unwrap_or_else(PoisonError::into_inner);
            let own: Vec<(&str, &str)> = own.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            *cached = (version, self.user.engine.interner().with(self.plain, &own));
        }
        cached.1
    }

    pub fn engine(&self) -> &Arc<UserSide> {
        &self.user.engine
    }

    fn iteration_series(&self) -> IterationSeries {
        *self.iterations.get_or_init(|| {
            let tags = self.tags();
            let engine = self.engine();
            IterationSeries {
                count: engine.series(builtin::ITERATIONS, tags),
                duration: engine.series(builtin::ITERATION_DURATION, tags),
            }
        })
    }
}

#[pymethods]
impl Scope {
    /// The same user inside one more group.
    fn inner(&self, py: Python<'_>, name: &str) -> Self {
        let group = format!("{}::{name}", self.group);
        Self::make(self.user.clone(), self.vu.clone_ref(py), self.scenario.clone(), group)
    }

    /// Replace the user's own tags.
    fn set_tags(&self, tags: Vec<(String, String)>) {
        *self.user.tags.lock().unwrap_or_else(PoisonError::into_inner) = tags;
        self.user.tags_version.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of the user's iteration, from 0; -1 before the first.
    #[getter]
    fn iteration(&self) -> i64 {
        self.user.iteration() as i64 - 1
    }

    /// Time has passed since the last iteration: the next one does not begin where that one ended.
    fn rested(&self) {
        self.user.ended.store(0, Ordering::Relaxed);
    }

    /// An iteration begins.
    fn begin(&self) {
        self.user.iteration.fetch_add(1, Ordering::Relaxed);
        self.user.suspended.store(false, Ordering::Relaxed);
        let started = match self.user.ended.load(Ordering::Relaxed) {
            0 => clock::now(),
            just_now => just_now,
        };
        self.user.started.store(started, Ordering::Relaxed);
    }

    /// An iteration begins whose user was there `late` ns after it was due. `waited_for` says what kept it:
    /// "generator" when the user was free in time, "user" when none was.
    fn begin_late(&self, late: Nanos, waited_for: &str) {
        self.user.iteration.fetch_add(1, Ordering::Relaxed);
        self.user.suspended.store(false, Ordering::Relaxed);
        let started = clock::now();
        self.user.started.store(started, Ordering::Relaxed);
        self.user.late.store(late, Ordering::Relaxed);
        let place = &self.lateness[usize::from(waited_for == "user")];
        let series = *place.get_or_init(|| {
            let (engine, tags) = (self.engine(), self.tags());
            let tags = engine.interner().with(tags, &[("waited_for", waited_for)]);
            Lateness {
                by: engine.series(builtin::ITERATION_LATENESS, tags),
                count: engine.series(builtin::ITERATIONS_LATE, tags),
            }
        });
        let samples = [(series.by, clock::ms(0, late)), (series.count, 1.0)];
        self.engine().add(&samples[..if late > LATE { 2 } else { 1 }]);
    }

    /// An iteration ends in full and is recorded. Gives whether it ever waited for the core.
    fn end(&self) -> bool {
        let started: Nanos = self.user.started.load(Ordering::Relaxed);
        let series = self.iteration_series();
        let ended = clock::now();
        let duration = clock::ms(started, ended);
        self.engine().add(&[(series.count, 1.0), (series.duration, duration)]);
        let suspended = self.user.suspended.load(Ordering::Relaxed);
        // Without a wait of its own, others run before this user goes on.
        self.user.ended.store(if suspended { ended } else { 0 }, Ordering::Relaxed);
        suspended
    }

    /// The user ends: its connections are closed.
    fn leave(&self) {
        self.engine().order(Order::Leave { user: self.user.index });
    }

    /// Record `value` of a metric here, `times` times. `kind` and `contains` count when the metric is new.
    #[pyo3(signature = (metric, kind, contains, value, tags=None, times=1))]
    fn record(
        &self,
        metric: &str,
        kind: &str,
        contains: &str,
        value: f64,
        tags: Option<Vec<(String, String)>>,
        times: usize,
    ) -> PyResult<()> {
        let engine = self.engine();
        let metric = engine.metric(metric, kind, contains)?;
        let mut all = self.tags();
        if let Some(tags) = tags {
            let more: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
            all = engine.interner().with(all, &more);
        }
        let series = engine.series(metric, all);
        (0..times).for_each(|_| engine.add(&[(series, value)]));
        Ok(())
    }
}

/// The scope of the code that runs now, if it belongs to a virtual user.
pub fn current(py: Python<'_>) -> PyResult<Option<Py<Scope>>> {
    let resumed = RESUMED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(scope) = resumed.as_ref() {
        return Ok(Some(scope.clone_ref(py)));
    }
    drop(resumed);
    let value = variable(py)?.call_method0(pyo3::intern!(py, "get"))?;
    Ok(value.cast_into::<Scope>().ok().map(Bound::unbind))
}

fn variable(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    let made = SCOPE.get_or_try_init(py, || {
        let arguments = ("sonagi.scope",);
        let keywords = pyo3::types::PyDict::new(py);
        keywords.set_item("default", py.None())?;
        let class = py.import("contextvars")?.getattr("ContextVar")?;
        Ok::<_, PyErr>(class.call(arguments, Some(&keywords))?.unbind())
    })?;
    Ok(made.bind(py))
}

/// Act as `scope` from here on, in this task and those it starts; gives what `leave_scope` takes back.
#[pyfunction]
fn enter_scope<'py>(scope: &Bound<'py, Scope>) -> PyResult<Bound<'py, PyAny>> {
    resume(None);
    variable(scope.py())?.call_method1("set", (scope,))
}

/// Act as before `enter_scope`.
#[pyfunction]
fn leave_scope(token: &Bound<'_, PyAny>) -> PyResult<()> {
    resume(None);
    variable(token.py())?.call_method1("reset", (token,)).map(drop)
}

/// The scope of the code that calls, `None` outside of any.
#[pyfunction]
fn current_scope(py: Python<'_>) -> PyResult<Option<Py<Scope>>> {
    current(py)
}

/// The first scope of a virtual user.
#[pyfunction]
fn new_scope(engine: &super::engine::Engine, index: u32, vu: Py<PyAny>, scenario: String, group: String) -> Scope {
    let user = User {
        engine: engine.side.clone(),
        index,
        iteration: AtomicU64::new(0),
        started: AtomicU64::new(0),
        ended: AtomicU64::new(0),
        late: AtomicU64::new(NOT_DUE),
        suspended: AtomicBool::new(false),
        tags: Mutex::default(),
        tags_version: AtomicU32::new(0),
    };
    Scope::make(Arc::new(user), vu, scenario, group)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Scope>()?;
    for function in [
        wrap_pyfunction!(enter_scope, module)?,
        wrap_pyfunction!(leave_scope, module)?,
        wrap_pyfunction!(current_scope, module)?,
    ] {
        module.add_function(function)?;
    }
    module.add_function(wrap_pyfunction!(new_scope, module)?)
}
