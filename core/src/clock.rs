//! One clock for everything: CLOCK_MONOTONIC in nanoseconds.
//!
//! The kernel stamps packets with the wall clock; [`WallBridge`] brings those stamps onto
//! this clock. It does not schedule anything: see `timer`.

use std::cell::Cell;

/// Nanoseconds of CLOCK_MONOTONIC.
pub type Nanos = u64;

pub const SECOND: Nanos = 1_000_000_000;
pub const MILLISECOND: Nanos = 1_000_000;

fn read(id: libc::clockid_t) -> Nanos {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `ts` is a valid timespec, and both clocks we ask for always exist.
    unsafe { libc::clock_gettime(id, &mut ts) };
    ts.tv_sec as u64 * SECOND + ts.tv_nsec as u64
}

pub fn now() -> Nanos {
    read(libc::CLOCK_MONOTONIC)
}

/// The wall clock, nanoseconds since 1970.
pub fn wall() -> u64 {
    read(libc::CLOCK_REALTIME)
}

/// CPU time of this process in nanoseconds.
pub fn process_cpu() -> Nanos {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time of the calling thread in nanoseconds.
pub fn thread_cpu() -> Nanos {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Milliseconds, the unit of every time metric (k6's), of a span that may not go backwards.
pub fn ms(from: Nanos, to: Nanos) -> f64 {
    to.saturating_sub(from) as f64 * 1e-6
}

/// Brings wall-clock stamps onto the monotonic clock.
///
/// The offset between the two is measured again when it is older than 10 ms, so that a
/// slewed clock cannot drift away, and at once when a stamp makes no sense (a stepped clock).
#[derive(Default)]
pub struct WallBridge {
    offset: Cell<i64>,
    measured: Cell<Nanos>,
}

const REMEASURE: Nanos = 10 * MILLISECOND;

impl WallBridge {
    fn measure(&self, now: Nanos) {
        self.offset.set(wall() as i64 - now as i64);
        self.measured.set(now);
    }

    /// `stamp` (wall clock) as a monotonic time in `earliest..=now`; `now` if it cannot be.
    pub fn monotonic(&self, stamp: u64, earliest: Nanos, now: Nanos) -> Nanos {
        if now.saturating_sub(self.measured.get()) > REMEASURE {
            self.measure(now);
        }
        let on_our_clock = |offset: i64| (stamp as i64 - offset) as u64;
        let slack = MILLISECOND;
        let sane = |t: u64| t + slack >= earliest && t <= now + slack;
        let mut at = on_our_clock(self.offset.get());
        if !sane(at) {
            self.measure(now);
            at = on_our_clock(self.offset.get());
            if !sane(at) {
                return now;
            }
        }
        at.clamp(earliest.min(now), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_stamp_of_now_lands_on_now() {
        let bridge = WallBridge::default();
        let (before, stamp, after) = (now(), wall(), now());
        let at = bridge.monotonic(stamp, before, after);
        assert!(at >= before && at <= after);
    }

    #[test]
    fn a_stamp_from_a_stepped_clock_is_replaced_by_now() {
        let bridge = WallBridge::default();
        let t = now();
        assert_eq!(bridge.monotonic(wall() - 3600 * SECOND, t, t + 5), t + 5);
        assert_eq!(bridge.monotonic(wall() + 3600 * SECOND, t, t + 5), t + 5);
    }

    #[test]
    fn a_stamp_never_precedes_the_write_it_answers() {
        let bridge = WallBridge::default();
        let t = now();
        let at = bridge.monotonic(wall() - 500_000, t, t + 10);
        assert_eq!(at, t);
    }
}
