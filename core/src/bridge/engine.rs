//! What Python holds of a worker's core.

use super::user_side::{lock, UserSide};
use crate::clock::{self, Nanos};
use crate::engine::{spawn, Order, Settings, Shared};
use crate::http::version::Speech;
use crate::net::dns::Lookup;
use crate::net::overrides::Overrides;
use crate::net::proxy::{Proxies, Proxy};
use crate::net::tls::Trust;
use crate::sched;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

/// The core of one worker: its I/O thread and the way to it.
#[pyclass(frozen, module = "sonagi._core")]
pub struct Engine {
    pub side: Arc<UserSide>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (channel, worker, event_loop, on_message, *, own_process))]
    fn new(
        channel: i32,
        worker: u32,
        event_loop: Py<PyAny>,
        on_message: Py<PyAny>,
        own_process: bool,
    ) -> PyResult<Self> {
        let shared = Arc::new(Shared::new()?);
        let thread = spawn(shared.clone(), worker, channel, own_process)?;
        if own_process {
            sched::polite();
        }
        let side = Arc::new(UserSide::new(shared, event_loop, on_message));
        Ok(Self { side, thread: Mutex::new(Some(thread)) })
    }

    /// The descriptor to watch: readable when `drain` has something to do.
    fn fileno(&self) -> i32 {
        self.side.shared.user_fd()
    }

    /// Resume whoever waits for what has been completed.
    fn drain(slf: &Bound<'_, Self>) -> PyResult<()> {
        let side = &slf.get().side;
        if lock(&side.on_flush).is_none() {
            *lock(&side.on_flush) = Some(slf.getattr("flush")?.unbind());
        }
        side.drain(slf.py())
    }

    /// Send the orders that wait.
    fn flush(&self) {
        self.side.flush();
    }

    /// How requests are made. Times in seconds; call it before the first request.
    #[allow(clippy::too_many_arguments)] // one keyword an option, checked by the stub
    #[pyo3(signature = (*, user_agent=None, timeout, connect_timeout, max_redirects, body_limit, discard_bodies,
                        reuse_connections, reset_cookies, insecure, extra_ca=None, tls_version=None, client=None,
                        hosts=vec![], blocked_names=vec![], blocked_networks=vec![], proxies=(None, None, vec![]),
                        dns=(300.0, String::from("random"), String::from("preferIPv4")), raise_on_error=false,
                        local_ips=vec![], http_version="auto", http2_connections=1))]
    fn configure(
        &self,
        user_agent: Option<String>,
        timeout: f64,
        connect_timeout: f64,
        max_redirects: u32,
        body_limit: u64,
        discard_bodies: bool,
        reuse_connections: bool,
        reset_cookies: bool,
        insecure: bool,
        extra_ca: Option<String>,
        tls_version: Option<String>,
        client: Option<(String, String)>,
        hosts: Vec<(String, String)>,
        blocked_names: Vec<String>,
        blocked_networks: Vec<(IpAddr, u8)>,
        proxies: (Option<String>, Option<String>, Vec<String>),
        dns: (f64, String, String),
        raise_on_error: bool,
        local_ips: Vec<IpAddr>,
        http_version: &str,
        http2_connections: u16,
    ) -> PyResult<()> {
        let proxy = |url: Option<String>| url.map(|url| Proxy::parse(&url)).transpose().map_err(PyValueError::new_err);
        let speech = Speech::parse(http_version);
        let lookup = Lookup::parse(nanos(dns.0), &dns.1, &dns.2);
        let mut settings = self.side.settings();
        *settings = Settings {
            user_agent: user_agent.unwrap_or_else(|| Settings::default().user_agent),
            timeout: nanos(timeout),
            connect_timeout: nanos(connect_timeout),
            max_redirects,
            body_limit,
            discard_bodies,
            reuse_connections,
            reset_cookies,
            trust: Trust { extra_ca, insecure, version: tls_version, client },
            overrides: Overrides { hosts, blocked_names, blocked_networks },
            proxies: Proxies { http: proxy(proxies.0)?, https: proxy(proxies.1)?, exempt: proxies.2 },
            lookup: lookup.ok_or_else(|| PyValueError::new_err("dns: no such way to select, or no such policy"))?,
            raise_on_error,
            local_ips,
            http2_connections,
            speech: speech.ok_or_else(|| PyValueError::new_err("http_version: auto, 1.1 or 2"))?,
        };
        Ok(())
    }

    /// A message for the coordinator: one ASCII letter and its payload.
    fn send(&self, kind: char, payload: Vec<u8>) {
        self.side.order(Order::Send { kind: kind as u8, payload });
    }

    /// Send a frame now, before any message that follows.
    fn send_frame(&self) {
        self.side.order(Order::Frame);
    }

    /// Send a frame now, and from `at` (monotonic ns) on one each second.
    fn send_frames_from(&self, at: Nanos) {
        self.side.order(Order::FramesFrom(at));
    }

    /// Keep each sample from here on and send them as messages "L", besides the frames that sum them up.
    fn keep_samples(&self) {
        self.side.keep_samples();
    }

    /// What `hit` started begins no more requests.
    fn end_hits(&self) {
        self.side.order(Order::EndHits);
    }

    /// Something for the next frame: a kind and its JSON.
    fn note(&self, kind: &str, json: String) {
        self.side.shared.note(kind, json);
    }

    /// How many users are active, and how many there are.
    fn set_users(&self, active: u32, all: u32) {
        self.side.shared.active_users.store(active, Ordering::Relaxed);
        self.side.shared.users.store(all, Ordering::Relaxed);
    }

    /// Wait, in a thread of its own, until the loop is found blocked: for how many ms, or `None` at the end.
    fn wait_until_blocked(&self, py: Python<'_>) -> Option<u64> {
        py.detach(|| self.side.shared.wait_until_blocked())
    }

    /// End the I/O thread. What was sent before goes out first.
    fn stop(&self, py: Python<'_>) {
        self.side.order(Order::Stop);
        self.side.flush();
        let thread = lock(&self.thread).take();
        if let Some(thread) = thread {
            let _ = py.detach(|| thread.join());
        }
        self.side.part();
    }
}

/// Seconds as nanoseconds; what is too long for the clock is forever.
pub fn nanos(seconds: f64) -> Nanos {
    (seconds.max(0.0) * clock::SECOND as f64) as Nanos
}

/// Monotonic nanoseconds, the clock of every stamp.
#[pyfunction]
fn now_ns() -> u64 {
    clock::now()
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Engine>()?;
    module.add_function(wrap_pyfunction!(now_ns, module)?)
}
