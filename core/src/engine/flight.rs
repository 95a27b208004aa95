//! What passes between user code and the I/O thread, and a request that is under way.

use super::digest::{Challenge, Credentials};
use super::download::Begun;
use super::hit::Hit;
use super::stream::{Act, Piece, StreamId, Streaming};
use crate::clock::Nanos;
use crate::evidence::{Carrier, Failed};
use crate::http::body::Body;
use crate::http::stamps::{Progress, Timings};
use crate::http::target::Target;
use crate::http::version::Version;
use crate::http2::Traffic;
use crate::net::failure::Failure;
use crate::stats::TagsId;
use bytes::Bytes;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use url::Url;

/// Names a thing that user code waits for. Slots are used again; the generation tells a late
/// completion of the last user from one of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub slot: u32,
    pub generation: u32,
}

#[derive(Clone)]
pub struct Request {
    pub token: Token,
    /// Index of the user in this worker: whose connections and cookies.
    pub user: u32,
    /// The user's iteration: cookies of an earlier one are dropped first.
    pub iteration: u64,
    pub target: Arc<Target>,
    pub tags: TagsId,
    /// The user gave the `name` tag: redirect hops keep it.
    pub named: bool,
    pub body: Body,
    pub cookies: Vec<(String, String)>,
    /// To answer a server's challenge with.
    pub digest: Option<Credentials>,
    pub timeout: Nanos,
    /// Redirects to follow at most.
    pub redirects: u32,
    pub asked: Nanos,
    /// How much later than the plan wants it.
    pub late: Option<Nanos>,
    pub streaming: Option<Streaming>,
}

pub enum Order {
    Request(Box<Request>),
    /// One request again and again, by many users.
    Hit(Box<Hit>),
    /// A request that could not be made (a bad URL): recorded as a failure, never sent.
    Stillborn {
        token: Token,
        tags: TagsId,
        failure: Failure,
    },
    Sleep {
        token: Token,
        until: Nanos,
    },
    Act {
        stream: StreamId,
        act: Act,
    },
    /// Nobody waits any more: end the exchange and its connection.
    Abort(Token),
    /// `Hit` begins no more requests; those under way end as they may.
    EndHits,
    /// The user is gone: close its connections.
    Leave {
        user: u32,
    },
    /// Keep each sample from here on, for an output that wants them all.
    KeepSamples,
    /// Send a frame now, before anything that follows.
    Frame,
    /// Send one now, and from this moment on one each second.
    FramesFrom(Nanos),
    /// A message for the coordinator.
    Send {
        kind: u8,
        payload: Vec<u8>,
    },
    Stop,
}

pub enum Completion {
    Response {
        token: Token,
        outcome: Box<Outcome>,
    },
    Slept {
        token: Token,
        due: Nanos,
    },
    /// Something of a stream has come.
    Piece {
        stream: StreamId,
        piece: Piece,
        at: Nanos,
    },
    /// A WebSocket's ping was answered.
    Ponged {
        token: Token,
        round_trip: Nanos,
        at: Nanos,
    },
    /// A message from the coordinator.
    Message {
        kind: u8,
        payload: Vec<u8>,
    },
}

/// What user code gets to see of a request.
#[derive(Debug, Default)]
pub struct Outcome {
    /// 0 when there is no response.
    pub status: u16,
    pub version: Version,
    /// The raw head, and behind it the body.
    pub raw: Bytes,
    pub head_length: usize,
    pub trailers: Vec<(String, String)>,
    pub failure: Option<Box<Failure>>,
    pub timings: Timings,
    pub last_byte: Nanos,
    /// Where redirects led to; `None` without one.
    pub url: Option<Box<Url>>,
    /// The hops before this one.
    pub history: Vec<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Timeout,
    Abort,
}

/// A request under way, as the rest of the I/O thread sees it.
pub struct Flight {
    pub token: Token,
    pub user: u32,
    pub deadline: Nanos,
    pub progress: Progress,
    /// The tags of the hop under way.
    pub tags: Cell<TagsId>,
    /// Its connection, once it has one.
    pub carrier: Cell<Option<Carrier>>,
    /// What passes over its connection, if that speaks HTTP/2 and others use it too.
    pub shared: RefCell<Option<Rc<Traffic>>>,
    /// The answer's body, if it is to be taken piece by piece.
    pub begun: RefCell<Option<Box<Begun>>>,
    pub challenge: Cell<Challenge>,
    cancelled: Cell<Option<Cause>>,
    waker: RefCell<Option<Waker>>,
}

impl Flight {
    pub fn new(request: &Request, taken: Nanos) -> Self {
        Self {
            token: request.token,
            user: request.user,
            deadline: taken.saturating_add(request.timeout),
            progress: Progress::new(request.asked, request.late, taken),
            tags: Cell::new(request.tags),
            carrier: Cell::default(),
            shared: RefCell::default(),
            begun: RefCell::default(),
            challenge: Cell::default(),
            cancelled: Cell::new(None),
            waker: RefCell::new(None),
        }
    }

    /// What the flight knows of the exchange that `failed` at `ended`.
    pub fn fallen<'a>(&self, failed: Failed<'a>, ended: Nanos) -> Failed<'a> {
        let stamps = self.progress.stamps.get();
        Failed { carrier: self.carrier.get(), taken: stamps.taken, began: stamps.write.0, ended, ..failed }
    }

    /// What the exchange that ends now has cost. On a shared connection that is all that nobody has taken for its own:
    /// of one that is tried again or cut off it waits for the next that is recorded.
    pub fn bytes(&self) -> (u64, u64) {
        let shared = self.shared.borrow();
        match shared.as_ref().filter(|_| self.progress.stamps.get().write.0 > 0) {
            Some(traffic) => traffic.take_bytes(),
            None => self.progress.traffic.get(),
        }
    }

    /// It has run out of time: is its connection to blame?
    pub fn doubt_carrier(&self, now: Nanos) {
        let sent = self.progress.stamps.get().write.0;
        if let Some(traffic) = self.shared.borrow().as_ref().filter(|_| sent > 0) {
            traffic.timed_out(sent, now);
        }
    }

    /// Its connection was of no use to it, or has served it.
    pub fn leave_carrier(&self) {
        self.carrier.set(None);
        self.shared.take();
    }

    pub fn cancel(&self, cause: Cause) {
        if self.cancelled.get().is_none() {
            self.cancelled.set(Some(cause));
            if let Some(waker) = self.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        }
    }

    /// Carry out `work` until it is done or the flight is cancelled.
    pub async fn guard<T>(&self, work: impl Future<Output = T>) -> Result<T, Cause> {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|context| {
            if let Some(cause) = self.cancelled.get() {
                return Poll::Ready(Err(cause));
            }
            // A task keeps its waker for life: once is enough.
            self.waker.borrow_mut().get_or_insert_with(|| context.waker().clone());
            work.as_mut().poll(context).map(Ok)
        })
        .await
    }
}
