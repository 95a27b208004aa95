//! What a connection's pipe and its streams tell each other: bytes, times, and how it ended.

use super::link::STREAM_WINDOW;
use super::watch::{Budget, Goaway, Trouble, Watch};
use crate::clock::{self, Nanos};
use crate::net::failure::Failure;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// When a request was written to its end; 0 before.
pub type Written = Rc<Cell<Nanos>>;

#[derive(Default)]
pub struct Traffic {
    /// Bytes of the socket, encryption included: sent, received.
    pub bytes: Cell<(u64, u64)>,
    /// How many of them some exchange has taken for its own.
    told: Cell<(u64, u64)>,
    /// When the bytes that came last came.
    pub read_at: Cell<Nanos>,
    /// The pipe was read since the connection's turn began.
    pub has_read: Cell<bool>,
    pub requests: Cell<u64>,
    pub watch: RefCell<Watch>,
    /// Bytes of bodies that streams have taken.
    pub taken: Cell<u64>,
    /// Since when it is in doubt whether the peer is still there; 0 if it isn't.
    pub doubted: Cell<Nanos>,
    /// The peer was asked whether it is there, and no part of an answer has come since.
    pub was_asked: Cell<bool>,
    /// It leaves its requests without an answer: no more of them.
    pub given_up: Cell<bool>,
    /// How the socket failed.
    pub failure: RefCell<Option<Failure>>,
    /// The socket takes no more for now.
    pub is_full: Cell<bool>,
    /// Something was written since a turn that left nothing to write.
    pub has_written: Cell<bool>,
    unwritten: RefCell<Vec<Written>>,
}

impl Traffic {
    /// Of a connection on which so much has passed already.
    pub fn from(sent: u64, received: u64, now: Nanos) -> Self {
        let traffic = Self::default();
        traffic.bytes.set((sent, received));
        traffic.told.set((sent, received));
        traffic.read_at.set(now);
        traffic
    }

    /// The bytes that no exchange has taken for its own yet. With many at a time nobody can say whose byte is whose;
    /// all are somebody's, and with one at a time they are its own.
    pub fn take_bytes(&self) -> (u64, u64) {
        let (now, before) = (self.bytes.get(), self.told.get());
        self.told.set(now);
        (now.0 - before.0, now.1 - before.1)
    }

    /// A request that was sent at `sent` has run out of time. If nothing at all has come since, the peer is asked
    /// whether it is there: once, for to be asked again and again without an answer in between looks to servers like
    /// an attack. The next time it is given up.
    pub fn timed_out(&self, sent: Nanos, now: Nanos) {
        if self.read_at.get() > sent || self.doubted.get() > 0 {
            return;
        }
        if self.was_asked.replace(true) {
            self.given_up.set(true);
        } else {
            self.doubted.set(now);
        }
    }

    /// A request is with `h2` in full: to be stamped when it is written.
    pub fn await_write(&self, written: &Written) {
        self.unwritten.borrow_mut().push(written.clone());
    }

    /// `h2` has had its turn: unless the socket takes no more, all that it had to write is written.
    pub fn turned(&self) {
        if !self.is_full.get() && self.has_written.replace(false) {
            let now = clock::now();
            self.unwritten.borrow_mut().drain(..).for_each(|written| written.set(now));
        }
    }

    /// Look at what was read.
    pub fn look(&self, bytes: &[u8]) -> Result<(), Trouble> {
        let (requests, taken, sent) = (self.requests.get(), self.taken.get(), self.bytes.get().0);
        let budget = Budget { requests, sent, taken, window: u64::from(STREAM_WINDOW) };
        self.watch.borrow_mut().feed(bytes, &budget)
    }

    /// Whether it may finish what is under way and is to get no more.
    pub fn is_closing(&self) -> bool {
        let watch = self.watch.borrow();
        watch.goaway.is_some() || watch.is_worn() || self.given_up.get()
    }

    pub fn goaway(&self) -> Option<Goaway> {
        self.watch.borrow().goaway
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_somebodys_and_nobodys_twice() {
        let traffic = Traffic::from(100, 3000, 0);
        traffic.bytes.set((150, 3700));
        assert_eq!(traffic.take_bytes(), (50, 700));
        assert_eq!(traffic.take_bytes(), (0, 0));
        traffic.bytes.set((151, 3700));
        assert_eq!(traffic.take_bytes(), (1, 0));
    }

    #[test]
    fn a_peer_that_says_nothing_is_asked_whether_it_is_there_and_given_up_the_next_time() {
        let state = |traffic: &Traffic| (traffic.doubted.get(), traffic.given_up.get());
        let traffic = Traffic::from(0, 0, 5);
        traffic.timed_out(4, 10);
        assert_eq!(state(&traffic), (0, false), "something has come since");
        traffic.timed_out(5, 10);
        traffic.timed_out(6, 11);
        assert_eq!(state(&traffic), (10, false));
        traffic.doubted.set(0);
        traffic.read_at.set(20);
        traffic.timed_out(15, 30);
        assert_eq!(state(&traffic), (0, false));
        traffic.timed_out(25, 30);
        assert_eq!(state(&traffic), (0, true));
    }

    #[test]
    fn a_request_is_written_after_a_turn_that_wrote_and_left_nothing_to_write() {
        let traffic = Traffic::default();
        let written = Written::default();
        traffic.await_write(&written);
        traffic.turned();
        assert_eq!(written.get(), 0);
        traffic.has_written.set(true);
        traffic.is_full.set(true);
        traffic.turned();
        assert_eq!(written.get(), 0, "some of it is still with h2");
        traffic.is_full.set(false);
        traffic.turned();
        assert!(written.get() > 0);
    }
}
