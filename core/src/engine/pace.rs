//! How often the two threads change places when there is much to do.
//!
//! At 60,000 responses a second, waking for each of them spends more on switching threads than on
//! the work. Reads are stamped by the kernel, so looking a little later costs no truth: after a batch
//! the I/O thread naps until about [`BATCH`] more should have come, at most [`LONGEST`]. Below
//! [`BUSY`] responses a second it never naps, and nothing is held back.

use crate::clock::{Nanos, MILLISECOND, SECOND};
use std::cell::Cell;

const BATCH: u64 = 16;
const LONGEST: Nanos = 200_000;
const BUSY: u64 = 30_000;
const WINDOW: Nanos = 4 * MILLISECOND;

#[derive(Default)]
pub struct Pace {
    since: Cell<Nanos>,
    count: Cell<u64>,
    per_second: Cell<u64>,
}

impl Pace {
    /// For how long to nap after a turn that completed `completed` things.
    pub fn nap(&self, now: Nanos, completed: usize) -> Nanos {
        self.count.set(self.count.get() + completed as u64);
        let window = now.saturating_sub(self.since.get());
        if window >= WINDOW {
            self.per_second.set(self.count.get() * SECOND / window);
            self.since.set(now);
            self.count.set(0);
        }
        let rate = self.per_second.get();
        if completed == 0 || rate < BUSY {
            return 0;
        }
        (BATCH * SECOND / rate).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten milliseconds of turns, each completing `each` things every `every` ns.
    fn after(each: usize, every: Nanos) -> Nanos {
        let pace = Pace::default();
        let turns = (0..10 * MILLISECOND / every).map(|turn| pace.nap(SECOND + turn * every, each));
        turns.last().unwrap_or(0)
    }

    #[test]
    fn at_moderate_rates_nothing_is_held_back() {
        assert_eq!(after(1, SECOND / 20_000), 0);
    }

    #[test]
    fn at_high_rates_a_nap_is_about_a_batch_long_and_never_longer_than_the_limit() {
        let nap = after(1, SECOND / 100_000);
        assert!((140_000..=180_000).contains(&nap), "{nap}");
        assert_eq!(after(1, SECOND / 40_000), LONGEST);
    }

    #[test]
    fn a_turn_that_completed_nothing_does_not_nap() {
        let pace = Pace::default();
        for turn in 0..10_000 {
            pace.nap(SECOND + turn * 1000, 1);
        }
        assert_eq!(pace.nap(SECOND + 10_000_000, 0), 0);
    }
}
