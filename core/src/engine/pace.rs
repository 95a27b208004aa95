//! How often the two threads change places when there is much to do.
//!
//! At 60,000 responses a second, waking for each of them spends more on switching threads than on
//! the work. Reads are stamped by the kernel, so looking a little later costs no truth: after a batch
//! the I/O thread naps for a tenth of the time that all requests take that are in the air or have
//! come back to user code, [`BATCH`] of them or [`LONGEST`] at most. Below [`BUSY`] responses a second it
//! never naps, and nothing is held back.

use crate::clock::{Nanos, MILLISECOND, SECOND};
use std::cell::Cell;

const SHARE: u64 = 10;
const BATCH: u64 = 32;
const LONGEST: Nanos = MILLISECOND;
const BUSY: u64 = 30_000;
const WINDOW: Nanos = 4 * MILLISECOND;

#[derive(Default)]
pub struct Pace {
    since: Cell<Nanos>,
    count: Cell<u64>,
    per_second: Cell<u64>,
}

impl Pace {
    /// For how long to nap after a turn that completed `completed` things, with `under_way` requests
    /// still to be answered or to be taken note of by user code.
    pub fn nap(&self, now: Nanos, completed: usize, under_way: u64) -> Nanos {
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
        ((under_way / SHARE).min(BATCH) * SECOND / rate).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The last nap of ten milliseconds of turns, each completing one thing every `every` ns.
    fn after(every: Nanos, under_way: u64) -> Nanos {
        let pace = Pace::default();
        let naps = (0..10 * MILLISECOND / every).map(|turn| pace.nap(SECOND + turn * every, 1, under_way));
        naps.last().unwrap_or(0)
    }

    #[test]
    fn at_moderate_rates_nothing_is_held_back() {
        assert_eq!(after(SECOND / 20_000, 1000), 0);
    }

    #[test]
    fn at_high_rates_a_nap_is_a_tenth_of_what_a_round_takes() {
        // 100 under way at 100,000 a second: each takes 1 ms.
        let nap = after(SECOND / 100_000, 100);
        assert!((90_000..=110_000).contains(&nap), "{nap}");
    }

    #[test]
    fn however_many_are_under_way_a_nap_has_an_end() {
        let nap = after(SECOND / 100_000, 100_000);
        assert!((300_000..=340_000).contains(&nap), "{nap}");
        assert_eq!(after(SECOND / 31_000, 100_000), LONGEST);
        assert_eq!(after(SECOND / 100_000, 3), 0);
    }

    #[test]
    fn a_turn_that_completed_nothing_does_not_nap() {
        let pace = Pace::default();
        for turn in 0..10_000 {
            pace.nap(SECOND + turn * 1000, 1, 100);
        }
        assert_eq!(pace.nap(SECOND + 10_000_000, 0, 100), 0);
    }
}
