//! A user's standing task: it carries out one request after another without being made anew.
//!
//! Most users have one request under way at a time. One that has more (`gather`) gets a task for
//! each of the others.

use super::flight::{Flight, Request};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

pub type Work = (Box<Request>, Rc<Flight>);

#[derive(Default)]
pub struct Inbox {
    state: Cell<State>,
    work: RefCell<Option<Work>>,
    waker: RefCell<Option<Waker>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Nobody waits at this inbox: no task was started yet, or it is busy.
    #[default]
    Away,
    Waiting,
    Closed,
}

impl Inbox {
    /// Give `work` to the task, if it waits for some.
    pub fn offer(&self, work: Work) -> Result<(), Work> {
        if self.state.get() != State::Waiting {
            return Err(work);
        }
        self.state.set(State::Away);
        self.work.replace(Some(work));
        self.wake();
        Ok(())
    }

    /// The user is gone: the task ends when it next comes here.
    pub fn close(&self) {
        self.state.set(State::Closed);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }

    /// The next work; `None` once it is closed.
    pub async fn next(&self) -> Option<Work> {
        if self.state.get() == State::Away {
            self.state.set(State::Waiting);
        }
        poll_fn(|context| {
            if let Some(work) = self.work.take() {
                return Poll::Ready(Some(work));
            }
            if self.state.get() == State::Closed {
                return Poll::Ready(None);
            }
            // A task keeps its waker for life: once is enough.
            self.waker.borrow_mut().get_or_insert_with(|| context.waker().clone());
            Poll::Pending
        })
        .await
    }
}
