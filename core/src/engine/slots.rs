//! Requests under way, by slot, and when to look whether one has run out of time.

use super::flight::{Cause, Flight, Token};
use crate::clock::Nanos;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[derive(Default)]
struct Slot {
    flight: Option<Rc<Flight>>,
    /// When the timers will look at this slot; 0 for never. One entry serves request after request: a
    /// deadline that is met costs nothing, and none is left behind.
    looked_at: Nanos,
}

#[derive(Default)]
pub struct Slots {
    slots: RefCell<Vec<Slot>>,
    airborne: Cell<u64>,
}

impl Slots {
    /// Put `flight` into its slot. Gives when the slot must be looked at, if nobody will in time.
    pub fn take_off(&self, flight: &Rc<Flight>) -> Option<Nanos> {
        let mut slots = self.slots.borrow_mut();
        let index = flight.token.slot as usize;
        if slots.len() <= index {
            slots.resize_with(index + 1, Slot::default);
        }
        let slot = &mut slots[index];
        if slot.flight.replace(flight.clone()).is_none() {
            self.airborne.set(self.airborne.get() + 1);
        }
        let in_time = slot.looked_at != 0 && slot.looked_at <= flight.deadline;
        (!in_time).then(|| {
            slot.looked_at = flight.deadline;
            flight.deadline
        })
    }

    /// It is time to look at a slot: its deadline may have come, or that of a request long over. Gives
    /// when to look again, if there is a request with time left.
    pub fn look(&self, slot: u32, now: Nanos) -> Option<Nanos> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.get_mut(slot as usize).filter(|slot| slot.looked_at <= now)?;
        slot.looked_at = 0;
        let flight = slot.flight.as_ref()?;
        if flight.deadline <= now {
            flight.cancel(Cause::Timeout);
            return None;
        }
        slot.looked_at = flight.deadline;
        Some(flight.deadline)
    }

    /// So many more WebSockets than before wait for an answer.
    pub fn expect(&self, more: i64) {
        self.airborne.set(self.airborne.get().saturating_add_signed(more));
    }

    /// How many answers are under way, as far as is known.
    pub fn airborne(&self) -> u64 {
        self.airborne.get()
    }

    pub fn find(&self, token: Token) -> Option<Rc<Flight>> {
        let slots = self.slots.borrow();
        let flight = slots.get(token.slot as usize)?.flight.as_ref()?;
        (flight.token == token).then(|| flight.clone())
    }

    /// The request is over: its slot is free, unless the next one has it already.
    pub fn landed(&self, token: Token) {
        if let Some(slot) = self.slots.borrow_mut().get_mut(token.slot as usize) {
            if slot.flight.as_ref().is_some_and(|current| current.token == token) {
                slot.flight = None;
                self.airborne.set(self.airborne.get() - 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::flight::Request;
    use super::*;
    use crate::http::target::{parse_url, Target};
    use crate::stats::TagsId;
    use std::future::Future;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};

    fn flight(generation: u32, timeout: Nanos) -> Rc<Flight> {
        let url = parse_url("http://a/").expect("a URL");
        let target = Target::new(1, "GET".into(), url, [].into(), "test".into()).expect("a target");
        let request = Request {
            token: Token { slot: 0, generation },
            user: 0,
            iteration: 1,
            target: Arc::new(target),
            tags: TagsId::EMPTY,
            named: false,
            body: Default::default(),
            cookies: Vec::new(),
            digest: None,
            timeout,
            redirects: 0,
            asked: 0,
            late: None,
            streaming: None,
        };
        Rc::new(Flight::new(&request, 0))
    }

    fn is_cancelled(flight: &Flight) -> bool {
        let work = std::pin::pin!(flight.guard(std::future::pending::<()>()));
        matches!(work.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(Cause::Timeout)))
    }

    #[test]
    fn a_slot_is_looked_at_once_however_many_requests_it_serves() {
        let slots = Slots::default();
        assert_eq!(slots.take_off(&flight(1, 60)), Some(60));
        slots.landed(Token { slot: 0, generation: 1 });
        assert_eq!(slots.take_off(&flight(2, 70)), None);
        let third = flight(2, 70);
        slots.take_off(&third);
        assert_eq!(slots.look(0, 60), Some(70));
        assert!(!is_cancelled(&third));
        assert_eq!(slots.look(0, 70), None);
        assert!(is_cancelled(&third));
    }

    #[test]
    fn a_shorter_timeout_is_looked_at_sooner() {
        let slots = Slots::default();
        slots.take_off(&flight(1, 60));
        let hurried = flight(2, 5);
        assert_eq!(slots.take_off(&hurried), Some(5));
        slots.look(0, 5);
        assert!(is_cancelled(&hurried));
    }

    #[test]
    fn an_empty_slot_needs_no_further_look_and_a_late_landing_frees_nothing() {
        let slots = Slots::default();
        slots.take_off(&flight(1, 60));
        slots.landed(Token { slot: 0, generation: 1 });
        assert_eq!(slots.look(0, 60), None);
        slots.take_off(&flight(2, 60));
        slots.landed(Token { slot: 0, generation: 1 });
        assert!(slots.find(Token { slot: 0, generation: 2 }).is_some());
        assert!(slots.find(Token { slot: 0, generation: 1 }).is_none());
    }
}
