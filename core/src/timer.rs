//! Due times: when to wake a sleeping user, when a request has taken too long, when a frame is due.
//!
//! [`Timers`] is pure: a heap that is asked "what is due at `now`?". [`Alarm`] is the one
//! descriptor that wakes the I/O thread for the earliest of them, exact to the kernel's timers
//! on Linux (timerfd), to tokio's millisecond elsewhere.

use crate::clock::Nanos;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What to do when a time has come. Ordered only so that the heap may hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The end of `sonagi.sleep`.
    Sleep { slot: u32, generation: u32 },
    /// Look whether the request in `slot` has run out of time.
    Deadline { slot: u32 },
    /// Look whether requests of `sonagi hit` have run out of time.
    Hits,
    /// A second is over: send a frame.
    Frame,
    /// Look whether user code's loop is blocked.
    Watch,
    /// Go on counting the items of long bodies.
    Count,
}

#[derive(Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Nanos, Due)>>,
}

impl Timers {
    pub fn add(&mut self, when: Nanos, due: Due) {
        self.heap.push(Reverse((when, due)));
    }

    pub fn earliest(&self) -> Option<Nanos> {
        self.heap.peek().map(|Reverse((when, _))| *when)
    }

    /// The next thing that is due at `now`, in order of time.
    pub fn pop_due(&mut self, now: Nanos) -> Option<(Nanos, Due)> {
        if self.earliest()? > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }
}

pub use alarm::Alarm;

#[cfg(target_os = "linux")]
mod alarm {
    use super::Nanos;
    use crate::clock::SECOND;
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    use tokio::io::unix::AsyncFd;
    use tokio::io::Interest;

    pub struct Alarm {
        fd: AsyncFd<OwnedFd>,
        set_to: std::cell::Cell<Nanos>,
    }

    impl Alarm {
        pub fn new() -> io::Result<Self> {
            // SAFETY: a plain system call; the descriptor is ours from here on.
            let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC) };
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            let fd = unsafe { OwnedFd::from_raw_fd(fd) };
            // SAFETY: the descriptor is owned by what is registered, and stays open until it is deregistered.
            let fd = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE)? };
            Ok(Self { fd, set_to: std::cell::Cell::new(Nanos::MAX) })
        }

        /// Ring at `when`. Costs a system call only when the time changes.
        pub fn set(&self, when: Nanos) {
            if self.set_to.replace(when) == when {
                return;
            }
            let when = when.max(1);
            let spec = libc::itimerspec {
                it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
                it_value: libc::timespec { tv_sec: (when / SECOND) as _, tv_nsec: (when % SECOND) as _ },
            };
            // SAFETY: `spec` lives through the call, and the descriptor is ours.
            unsafe {
                libc::timerfd_settime(
                    self.fd.get_ref().as_raw_fd(),
                    libc::TFD_TIMER_ABSTIME,
                    &spec,
                    std::ptr::null_mut(),
                )
            };
        }

        /// Wait until it rings.
        pub async fn ring(&self) {
            if let Ok(mut guard) = self.fd.readable().await {
                // The count is not read: setting the next time clears it, and the event is edge-triggered.
                guard.clear_ready();
                self.set_to.set(Nanos::MAX);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod alarm {
    use super::Nanos;
    use crate::clock;
    use std::cell::Cell;
    use std::time::Duration;

    pub struct Alarm {
        set_to: Cell<Nanos>,
        changed: tokio::sync::Notify,
    }

    impl Alarm {
        pub fn new() -> std::io::Result<Self> {
            Ok(Self { set_to: Cell::new(Nanos::MAX), changed: tokio::sync::Notify::new() })
        }

        pub fn set(&self, when: Nanos) {
            if self.set_to.replace(when) != when {
                self.changed.notify_one();
            }
        }

        pub async fn ring(&self) {
            loop {
                let left = self.set_to.get().saturating_sub(clock::now());
                if left == 0 {
                    self.set_to.set(Nanos::MAX);
                    return;
                }
                let nap = tokio::time::sleep(Duration::from_nanos(left.min(3_600_000_000_000)));
                tokio::select! { _ = nap => {}, _ = self.changed.notified() => {} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_of_time_and_not_before() {
        let mut timers = Timers::default();
        for when in [30, 10, 20] {
            timers.add(when, Due::Deadline { slot: when as u32 });
        }
        assert_eq!(timers.pop_due(9), None);
        assert_eq!(timers.pop_due(25), Some((10, Due::Deadline { slot: 10 })));
        assert_eq!(timers.pop_due(25), Some((20, Due::Deadline { slot: 20 })));
        assert_eq!(timers.pop_due(25), None);
        assert_eq!(timers.earliest(), Some(30));
    }
}
