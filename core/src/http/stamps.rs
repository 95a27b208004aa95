//! The times of one exchange, and k6's timings out of them.

use crate::clock::{ms, Nanos};
use crate::http::reader::Reader;
use crate::net::failure::Phase;
use std::cell::{Cell, RefCell};

/// Monotonic nanoseconds; 0 where a phase did not happen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stamps {
    /// User code asked.
    pub asked: Nanos,
    /// How much later than the plan wants it; `None` in a closed model, where nothing is due.
    pub late: Option<Nanos>,
    /// The I/O thread took it.
    pub taken: Nanos,
    pub dns: (Nanos, Nanos),
    pub connect: (Nanos, Nanos),
    pub tls: (Nanos, Nanos),
    pub write: (Nanos, Nanos),
    pub first_byte: Nanos,
    pub last_byte: Nanos,
}

/// How far an exchange has come. Kept outside of the task that carries it out, so that it
/// outlives one that is cut off.
#[derive(Debug)]
pub struct Progress {
    pub stamps: Cell<Stamps>,
    pub phase: Cell<Phase>,
    /// Bytes of the socket: sent, received.
    pub traffic: Cell<(u64, u64)>,
    /// What has come of an answer, its head at least, that will never be whole.
    pub unfinished: RefCell<Option<Box<Reader>>>,
}

impl Progress {
    pub fn new(asked: Nanos, late: Option<Nanos>, taken: Nanos) -> Self {
        Self {
            stamps: Cell::new(Stamps { asked, late, taken, ..Stamps::default() }),
            phase: Cell::new(Phase::Prepare),
            traffic: Cell::new((0, 0)),
            unfinished: RefCell::new(None),
        }
    }

    /// Begin again, for a redirect's next hop or a second try.
    pub fn restart(&self, taken: Nanos) {
        let late = self.stamps.get().late;
        self.stamps.set(Stamps { asked: taken, late, taken, ..Stamps::default() });
        self.phase.set(Phase::Prepare);
        self.traffic.set((0, 0));
        self.unfinished.take();
    }

    pub fn stamp(&self, change: impl FnOnce(&mut Stamps)) {
        let mut stamps = self.stamps.get();
        change(&mut stamps);
        self.stamps.set(stamps);
    }
}

/// Milliseconds. `duration` = sending + waiting + receiving; `total` = blocked + duration. `intended` reaches
/// from when the plan wanted the request to its end, where the plan wants it at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    pub blocked: f64,
    pub looking_up: f64,
    pub connecting: f64,
    pub tls_handshaking: f64,
    pub sending: f64,
    pub waiting: f64,
    pub receiving: f64,
    pub duration: f64,
    pub total: f64,
    pub intended: Option<f64>,
}

impl Stamps {
    /// The timings of an exchange that ended (or was given up) at `end`.
    pub fn timings(&self, end: Nanos) -> Timings {
        let span = |(from, to): (Nanos, Nanos)| match (from, to) {
            (0, _) => 0.0,
            (from, 0) => ms(from, end),
            (from, to) => ms(from, to),
        };
        let began = self.write.0;
        let blocked = ms(self.taken, if began == 0 { end } else { began });
        let (looking_up, connecting, tls_handshaking) = (span(self.dns), span(self.connect), span(self.tls));
        let intended = |end| self.late.map(|late| ms(self.asked.saturating_sub(late), end));
        if began == 0 {
            let intended = intended(end);
            let total = blocked;
            return Timings { blocked, looking_up, connecting, tls_handshaking, total, intended, ..Timings::default() };
        }
        let first = if self.first_byte == 0 { end } else { self.first_byte };
        let last = if self.last_byte == 0 { end } else { self.last_byte };
        // A kernel's stamp may precede our own "written": the answer was faster than our return
        // from the system call. Sending then ends where the answer begins (k6: waiting is 0).
        let written = if self.write.1 == 0 { end } else { self.write.1 }.min(first);
        let (sending, waiting, receiving) = (ms(began, written), ms(written, first), ms(first, last));
        let duration = ms(began, last);
        Timings {
            blocked,
            looking_up,
            connecting,
            tls_handshaking,
            sending,
            waiting,
            receiving,
            duration,
            total: blocked + duration,
            intended: intended(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Nanos = 1_000_000;

    #[test]
    fn the_parts_add_up_to_the_duration() {
        let stamps =
            Stamps { taken: MS, write: (2 * MS, 3 * MS), first_byte: 8 * MS, last_byte: 9 * MS, ..Stamps::default() };
        let t = stamps.timings(9 * MS);
        assert_eq!((t.blocked, t.sending, t.waiting, t.receiving), (1.0, 1.0, 5.0, 1.0));
        assert_eq!((t.duration, t.total), (7.0, 8.0));
    }

    #[test]
    fn an_answer_stamped_before_the_write_returned_leaves_no_waiting() {
        let stamps =
            Stamps { taken: MS, write: (MS, 4 * MS), first_byte: 3 * MS, last_byte: 3 * MS, ..Stamps::default() };
        let t = stamps.timings(3 * MS);
        assert_eq!((t.sending, t.waiting, t.duration), (2.0, 0.0, 2.0));
    }

    #[test]
    fn a_request_that_got_no_answer_waited_until_its_end() {
        let stamps = Stamps { taken: MS, write: (MS, 2 * MS), ..Stamps::default() };
        assert_eq!(stamps.timings(62 * MS).waiting, 60.0);
    }

    #[test]
    fn what_the_plan_wanted_earlier_took_longer_from_there() {
        let stamps = Stamps {
            asked: 900 * MS,
            late: Some(300 * MS),
            taken: 900 * MS,
            write: (901 * MS, 902 * MS),
            first_byte: 905 * MS,
            last_byte: 910 * MS,
            ..Stamps::default()
        };
        let t = stamps.timings(910 * MS);
        assert_eq!((t.duration, t.intended), (9.0, Some(310.0)));
    }

    #[test]
    fn a_redirects_next_hop_is_as_late_as_the_first() {
        let progress = Progress::new(5 * MS, Some(2 * MS), 5 * MS);
        progress.restart(9 * MS);
        assert_eq!(progress.stamps.get().timings(10 * MS).intended, Some(3.0));
    }

    #[test]
    fn a_connection_that_never_came_is_all_blocked() {
        let stamps = Stamps { taken: MS, connect: (2 * MS, 0), ..Stamps::default() };
        let t = stamps.timings(5 * MS);
        assert_eq!((t.blocked, t.connecting, t.duration, t.total), (4.0, 3.0, 0.0, 4.0));
    }
}
