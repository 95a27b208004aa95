//! One request again and again by many users, without user code between: `sonagi hit`.

use super::ending::{note_part, time_out};
use super::flight::{Cause, Completion, Flight, Request, Token};
use super::io::Io;
use super::request::follow;
use crate::clock::{self, Nanos, MILLISECOND};
use crate::stats::{builtin, SeriesId, TagsId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// How long a request may be over its time before that is noticed.
pub const LOOK: Nanos = 50 * MILLISECOND;

/// What to do, as user code orders it.
pub struct Hit {
    pub request: Box<Request>,
    /// Users, from the request's user on.
    pub users: u32,
    /// No request begins after this time …
    pub until: Nanos,
    /// … nor after so many.
    pub count: u64,
    /// Tags of the iterations.
    pub tags: TagsId,
}

pub struct Hits {
    token: Token,
    until: Nanos,
    left: Cell<u64>,
    users: Cell<u32>,
    flights: RefCell<Vec<Option<Rc<Flight>>>>,
    iterations: SeriesId,
    duration: SeriesId,
}

impl Hits {
    fn may_begin(&self, now: Nanos) -> bool {
        let left = self.left.get();
        let may = left > 0 && now < self.until;
        if may {
            self.left.set(left - 1);
        }
        may
    }

    /// End those whose time is over. Gives whether anybody is left.
    pub fn look(&self, now: Nanos) -> bool {
        for flight in self.flights.borrow().iter().flatten() {
            if flight.deadline <= now {
                flight.cancel(Cause::Timeout);
            }
        }
        self.users.get() > 0
    }

    /// Begin no more requests.
    pub fn end(&self) {
        self.left.set(0);
    }

    /// Nobody waits for `token` any more: begin no more requests and cut off those under way.
    pub fn abort(&self, token: Token) {
        if token == self.token {
            self.end();
            self.flights.borrow().iter().flatten().for_each(|flight| flight.cancel(Cause::Abort));
        }
    }
}

/// Start all users.
pub fn begin(io: &Rc<Io>, hit: Hit) -> Rc<Hits> {
    let hits = Rc::new(Hits {
        token: hit.request.token,
        until: hit.until,
        left: Cell::new(hit.count),
        users: Cell::new(hit.users),
        flights: RefCell::new(vec![None; hit.users as usize]),
        iterations: io.series(builtin::ITERATIONS, hit.tags),
        duration: io.series(builtin::ITERATION_DURATION, hit.tags),
    });
    for number in 0..hit.users {
        let request = Request { user: hit.request.user + number, ..(*hit.request).clone() };
        tokio::task::spawn_local(user(io.clone(), hits.clone(), number as usize, request));
    }
    hits
}

async fn user(io: Rc<Io>, hits: Rc<Hits>, number: usize, mut request: Request) {
    let mut now = clock::now();
    while hits.may_begin(now) {
        request.iteration += 1;
        request.asked = now;
        let flight = Rc::new(Flight::new(&request, now));
        hits.flights.borrow_mut()[number] = Some(flight.clone());
        let ended = flight.guard(follow(&io, &request, &flight)).await;
        match ended {
            Ok(_) => {}
            Err(Cause::Timeout) => drop(time_out(&io, &flight)),
            Err(Cause::Abort) => {
                note_part(&io, &flight);
                io.count(builtin::HTTP_REQS_INTERRUPTED, flight.tags.get());
                break;
            }
        }
        let began = now;
        now = clock::now();
        let mut http = io.http_recorder();
        http.recorder().add(hits.iterations, 1.0);
        http.recorder().add(hits.duration, clock::ms(began, now));
    }
    hits.flights.borrow_mut()[number] = None;
    io.users().leave(request.user);
    hits.users.set(hits.users.get() - 1);
    if hits.users.get() == 0 {
        io.complete(Completion::Slept { token: hits.token, due: now });
    }
}
