//! What the I/O thread and the thread of user code share, and who wakes whom.
//!
//! Both queues are swapped whole under their lock, so a lock is held for nanoseconds. A side that
//! is awake is not woken again: a batch costs one system call.

use super::flight::{Completion, Order};
use crate::clock::{self, Nanos, MILLISECOND, SECOND};
use crate::http::version::Speech;
use crate::net::dns::Lookup;
use crate::net::overrides::Overrides;
use crate::net::proxy::Proxies;
use crate::net::tls;
use crate::stats::{Interner, Recorder};
use crate::usage::ThreadClock;
use crate::wake::WakeFd;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How requests are made, unless one says otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    pub user_agent: String,
    pub timeout: Nanos,
    pub connect_timeout: Nanos,
    pub max_redirects: u32,
    pub body_limit: u64,
    pub discard_bodies: bool,
    pub reuse_connections: bool,
    pub reset_cookies: bool,
    pub trust: tls::Trust,
    pub overrides: Overrides,
    pub proxies: Proxies,
    pub lookup: Lookup,
    /// Whether a request that failed raises in user code, unless it says itself.
    pub raise_on_error: bool,
    /// Where connections come from, taken in turns by users; empty for where the system likes.
    pub local_ips: Vec<IpAddr>,
    pub speech: Speech,
    /// Connections of HTTP/2 that a user may have to one origin.
    pub http2_connections: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: concat!("sonagi/", env!("CARGO_PKG_VERSION")).to_owned(),
            timeout: 60 * SECOND,
            connect_timeout: 30 * SECOND,
            max_redirects: 10,
            body_limit: 256 << 20,
            discard_bodies: false,
            reuse_connections: true,
            reset_cookies: true,
            trust: tls::Trust::default(),
            overrides: Overrides::default(),
            proxies: Proxies::default(),
            lookup: Lookup::default(),
            raise_on_error: false,
            local_ips: Vec::new(),
            speech: Speech::default(),
            http2_connections: 1,
        }
    }
}

pub struct Shared {
    orders: Mutex<Vec<Order>>,
    io_asleep: AtomicBool,
    io_wake: Notify,
    /// When the I/O thread wakes by itself at the latest.
    io_alarm: AtomicU64,

    completions: Mutex<Vec<Completion>>,
    /// How many of them user code took last: it may still be busy with them.
    taken: AtomicU64,
    user_awake: AtomicBool,
    user_wake: WakeFd,
    /// Since when completions wait for user code; 0 when none do.
    waiting_since: AtomicU64,
    /// The longest that completions waited since the last frame.
    loop_lag: AtomicU64,

    pub settings: Mutex<Settings>,
    pub interner: Mutex<Interner>,
    /// What user code records. The I/O thread has its own recorder; a frame merges them.
    pub recorder: Mutex<Recorder>,
    /// (kind, JSON) for the next frame.
    notes: Mutex<Vec<(String, String)>>,
    pub active_users: AtomicU32,
    pub users: AtomicU32,
    /// The CPU time of the thread of user code.
    pub user_clock: Option<ThreadClock>,

    /// Milliseconds for which user code's loop has been blocked; see `wait_until_blocked`.
    blocked: Mutex<Option<u64>>,
    blocked_changed: Condvar,
    stopped: AtomicBool,
}

/// A lock whose holder panicked is still good for what we keep in it: counts and queues.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Called by the thread of user code.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            orders: Mutex::default(),
            io_asleep: AtomicBool::new(false),
            io_wake: Notify::new(),
            io_alarm: AtomicU64::new(Nanos::MAX),
            completions: Mutex::default(),
            taken: AtomicU64::new(0),
            user_awake: AtomicBool::new(false),
            user_wake: WakeFd::new()?,
            waiting_since: AtomicU64::new(0),
            loop_lag: AtomicU64::new(0),
            settings: Mutex::default(),
            interner: Mutex::new(Interner::default()),
            recorder: Mutex::new(Recorder::default()),
            notes: Mutex::default(),
            active_users: AtomicU32::new(0),
            users: AtomicU32::new(0),
            user_clock: ThreadClock::of_caller(),
            blocked: Mutex::new(None),
            blocked_changed: Condvar::new(),
            stopped: AtomicBool::new(false),
        })
    }

    // --- user code's side ---

    /// Hand over a batch of orders, of which none matters before `until`, leaving `batch` empty. An I/O thread that
    /// wakes before that by itself is not woken.
    pub fn order(&self, batch: &mut Vec<Order>, until: Nanos) {
        lock(&self.orders).append(batch);
        if self.io_alarm.load(Ordering::SeqCst) > until && self.io_asleep.swap(false, Ordering::SeqCst) {
            self.io_wake.notify_one();
        }
    }

    pub fn user_fd(&self) -> std::os::fd::RawFd {
        self.user_wake.fd()
    }

    /// Take all completions into `batch` (empty). When there are none, the next will wake us.
    pub fn take_completions(&self, batch: &mut Vec<Completion>) {
        std::mem::swap(&mut *lock(&self.completions), batch);
        if batch.is_empty() {
            self.user_awake.store(false, Ordering::SeqCst);
            // Something may have come between the look and the store.
            std::mem::swap(&mut *lock(&self.completions), batch);
            if !batch.is_empty() {
                self.user_awake.store(true, Ordering::SeqCst);
            }
        }
        self.taken.store(batch.len() as u64, Ordering::Relaxed);
        let since = self.waiting_since.swap(0, Ordering::Relaxed);
        if since > 0 {
            self.loop_lag.fetch_max(clock::now().saturating_sub(since), Ordering::Relaxed);
        }
    }

    pub fn clear_wake(&self) {
        self.user_wake.clear();
    }

    /// Have user code's loop look again: it has not taken all there was.
    pub fn wake_user(&self) {
        self.user_wake.wake();
    }

    pub fn note(&self, kind: &str, json: String) {
        lock(&self.notes).push((kind.to_owned(), json));
    }

    /// Wait until user code's loop is found blocked; gives for how long in ms, or `None` at the end.
    pub fn wait_until_blocked(&self) -> Option<u64> {
        let mut blocked = lock(&self.blocked);
        loop {
            if self.stopped.load(Ordering::SeqCst) {
                return None;
            }
            if let Some(ms) = blocked.take() {
                return Some(ms);
            }
            let waited = self.blocked_changed.wait_timeout(blocked, Duration::from_secs(1));
            blocked = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    // --- the I/O thread's side ---

    pub fn take_orders(&self, batch: &mut Vec<Order>) {
        std::mem::swap(&mut *lock(&self.orders), batch);
    }

    /// About to wait until `alarm` at the latest: whoever orders from here on must wake us, if it matters before.
    /// False if an order came already.
    pub fn may_sleep(&self, alarm: Nanos) -> bool {
        self.io_alarm.store(alarm, Ordering::SeqCst);
        self.io_asleep.store(true, Ordering::SeqCst);
        lock(&self.orders).is_empty()
    }

    pub async fn woken(&self) {
        self.io_wake.notified().await;
    }

    /// Hand over a batch of completions, leaving `batch` empty. Gives how many user code may have
    /// before it.
    pub fn complete(&self, batch: &mut Vec<Completion>, now: Nanos) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        if batch.is_empty() {
            return taken;
        }
        let queued = {
            let mut completions = lock(&self.completions);
            completions.append(batch);
            completions.len() as u64
        };
        let _ = self.waiting_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        if !self.user_awake.swap(true, Ordering::SeqCst) {
            self.user_wake.wake();
        }
        taken + queued
    }

    pub fn take_notes(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *lock(&self.notes))
    }

    pub fn take_loop_lag(&self) -> Nanos {
        self.loop_lag.swap(0, Ordering::Relaxed)
    }

    /// Look whether user code has left completions lying for half a second. `due` is when to look: a thread
    /// that comes much later has stood still itself, and all others with it.
    pub fn look_for_blocked_loop(&self, due: Nanos, now: Nanos) {
        if now.saturating_sub(due) > 250 * MILLISECOND {
            return;
        }
        let since = self.waiting_since.load(Ordering::Relaxed);
        let waited = now.saturating_sub(since);
        if since > 0 && waited > 500 * MILLISECOND {
            self.loop_lag.fetch_max(waited, Ordering::Relaxed);
            *lock(&self.blocked) = Some(waited / MILLISECOND);
            self.blocked_changed.notify_all();
        }
    }

    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.blocked_changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_before_the_io_thread_wakes_anyway_does_not_wake_it() {
        let shared = Shared::new().unwrap();
        assert!(shared.may_sleep(1000));
        shared.order(&mut vec![Order::EndHits], 1000);
        assert!(shared.io_asleep.load(Ordering::SeqCst));
        shared.order(&mut vec![Order::EndHits], 999);
        assert!(!shared.io_asleep.load(Ordering::SeqCst));
        assert!(!shared.may_sleep(1000), "two orders wait");
        let mut orders = Vec::new();
        shared.take_orders(&mut orders);
        assert_eq!(orders.len(), 2);
    }
}
