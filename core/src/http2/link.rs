//! A connection that speaks HTTP/2: who may use it, and the task that moves its frames.

use super::failure;
use super::pings::Pings;
use super::pipe::Pipe;
use super::stream::CHUNK;
use super::traffic::Traffic;
use crate::clock::{self, Nanos, MILLISECOND};
use crate::http::reader::HEAD_LIMIT;
use crate::net::connection::{Connection, Wire};
use crate::net::failure::{Failure, Phase};
use bytes::Bytes;
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::SendStream;
use http::Request;
use std::cell::{Cell, RefCell};
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// So much of a body may come before it is taken (Go's client, which is k6's, has the same): it bounds what a stream
/// that nobody reads holds in memory.
pub const STREAM_WINDOW: u32 = 4 << 20;
/// Of all streams together: streams that nobody reads must not stop the others.
const CONNECTION_WINDOW: u32 = 1 << 30;
/// What small DATA frames that nobody has taken yet may cost: a stream's window of events of 64 bytes.
const SMALL_FRAMES: usize = 16 << 20;
/// Streams at a time until the server's settings say how many, which is the first that it says (RFC 9113, 3.4): more
/// might be refused.
const STREAMS_AT_FIRST: usize = 1;
/// More than these at a time are as good as no limit.
const MOST_STREAMS: usize = 1 << 20;
/// Streams that were cut off and whose frames may still come.
const CUT_OFF: usize = 1000;
/// A peer that does not say within this time that it is there is gone.
const PATIENCE: Nanos = 1000 * MILLISECOND;

pub struct Link {
    requests: SendRequest<Bytes>,
    pub traffic: Rc<Traffic>,
    /// Room for streams, as many as the server takes at a time.
    room: Arc<Semaphore>,
    limit: Cell<usize>,
    /// Streams that are open although the server has lowered its limit since.
    excess: Cell<usize>,
    closed: Cell<bool>,
    /// Wakes the task that moves the frames.
    task: RefCell<Option<Waker>>,
    /// Tells who waits to know whether the peer is there.
    cleared: Notify,
    streams: Cell<usize>,
    pub born: Nanos,
    idle_since: Cell<Nanos>,
}

impl Link {
    /// Begin to speak HTTP/2 on `connection`. Its frames move in a task of their own, until nobody holds the link.
    pub async fn open(connection: Connection, wire: Rc<Wire>) -> Result<Rc<Self>, Failure> {
        let (born, now) = (connection.born, clock::now());
        let traffic = Rc::new(Traffic::from(connection.sent, connection.received, now));
        let pipe = Pipe::new(connection, wire, traffic.clone());
        let builder = Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD_LIMIT as u32)
            .initial_max_send_streams(STREAMS_AT_FIRST)
            .max_concurrent_reset_streams(CUT_OFF)
            .data_frame_budget(SMALL_FRAMES)
            .max_send_buffer_size(CHUNK)
            .enable_push(false)
            .clone();
        let shaken = builder.handshake(pipe).await;
        let (requests, mut frames) = shaken.map_err(|error| failure::of(&error, &traffic, Phase::Write, false))?;
        let link = Rc::new(Self {
            requests,
            traffic: traffic.clone(),
            room: Arc::new(Semaphore::new(STREAMS_AT_FIRST)),
            limit: Cell::new(STREAMS_AT_FIRST),
            excess: Cell::new(0),
            closed: Cell::new(false),
            task: RefCell::default(),
            cleared: Notify::new(),
            streams: Cell::new(0),
            born,
            idle_since: Cell::new(born),
        });
        let weak = Rc::downgrade(&link);
        let mut pings = Pings::new(frames.ping_pong());
        tokio::task::spawn_local(async move {
            let mut frames = pin!(frames);
            let _ = poll_fn(|context| {
                traffic.has_read.set(false);
                pings.ask(&traffic);
                let turn = frames.as_mut().poll(context);
                traffic.turned();
                let answered = pings.answered(context, &traffic);
                if let Some(link) = weak.upgrade() {
                    // A task keeps its waker for life: once is enough.
                    link.task.borrow_mut().get_or_insert_with(|| context.waker().clone());
                    link.note_limit();
                    if answered {
                        link.cleared.notify_waiters();
                    }
                } else if traffic.is_full.get() {
                    // Nobody needs it, and the peer does not even read that we leave.
                    return Poll::Ready(Ok(()));
                }
                turn
            })
            .await;
            if let Some(link) = weak.upgrade() {
                link.close();
            }
        });
        Ok(link)
    }

    /// Whether a request may be made on it.
    pub fn is_open(&self) -> bool {
        let traffic = &self.traffic;
        let is_gone = || traffic.doubted.get() > 0 && clock::now() > traffic.doubted.get() + PATIENCE;
        !self.closed.get() && !traffic.is_closing() && !is_gone()
    }

    /// Whether a request may be made on it, and its peer is there: if that is in doubt, waits until it is known.
    pub async fn is_alive(&self) -> bool {
        while self.is_open() && self.traffic.doubted.get() > 0 {
            // Woken too late rather than too early: a timer's step is a millisecond.
            let left = (self.traffic.doubted.get() + PATIENCE).saturating_sub(clock::now()) + MILLISECOND;
            let _ = tokio::time::timeout(Duration::from_nanos(left), self.cleared.notified()).await;
        }
        self.is_open()
    }

    /// Whether nothing is under way on it.
    pub fn is_idle(&self) -> bool {
        self.streams.get() == 0
    }

    /// Requests made on it.
    pub fn uses(&self) -> u64 {
        self.traffic.requests.get()
    }

    /// Since when nothing has been under way on it; now, if something is.
    pub fn idle_since(&self) -> Nanos {
        if self.is_idle() {
            self.idle_since.get()
        } else {
            clock::now()
        }
    }

    fn close(&self) {
        self.closed.set(true);
        self.room.close();
        self.cleared.notify_waiters();
    }

    /// The server may have changed how many streams it takes at a time.
    fn note_limit(&self) {
        if self.traffic.is_closing() {
            // Whoever waits for room shall look for another connection.
            self.room.close();
        }
        let before = self.limit.get();
        let now = self.requests.current_max_send_streams().min(MOST_STREAMS);
        if now == before {
            return;
        }
        self.limit.set(now);
        if now < before {
            let lost = before - now;
            self.excess.set(self.excess.get() + lost - self.room.forget_permits(lost));
        } else {
            let paid = self.excess.get().min(now - before);
            self.excess.set(self.excess.get() - paid);
            self.room.add_permits(now - before - paid);
        }
    }

    /// Room for one more stream, once there is some.
    pub async fn room(self: &Rc<Self>) -> Result<Permit, Failure> {
        let permit = match self.room.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => self.room.clone().acquire_owned().await.map_err(|_| self.unused(Phase::Prepare))?,
        };
        self.streams.set(self.streams.get() + 1);
        Ok(Permit { link: self.clone(), permit: Some(permit) })
    }

    /// The connection is no more, and has not seen the request.
    fn unused(&self, phase: Phase) -> Failure {
        Failure { unprocessed: true, ..failure::gone(&self.traffic, phase, false) }
    }

    pub fn send(&self, request: Request<()>, is_whole: bool) -> Result<(ResponseFuture, SendStream<Bytes>), Failure> {
        // A handle that has filled the last place holds on to that stream: it would outlive its request.
        let sent = self.requests.clone().send_request(request, is_whole);
        let sent = sent.map_err(|error| {
            // Numbers of streams run out after a thousand million requests.
            self.close();
            Failure { unprocessed: true, ..failure::of(&error, &self.traffic, Phase::Write, false) }
        })?;
        self.traffic.requests.set(self.uses() + 1);
        Ok(sent)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // While a write waits for the socket, `h2` does not hear that its last handle has gone.
        if let Some(task) = self.task.get_mut().take() {
            task.wake();
        }
    }
}

/// Room for one stream, held until it ends.
pub struct Permit {
    pub link: Rc<Link>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let link = &self.link;
        link.streams.set(link.streams.get() - 1);
        if link.is_idle() {
            link.idle_since.set(clock::now());
        }
        if link.excess.get() > 0 {
            link.excess.set(link.excess.get() - 1);
            self.permit.take().into_iter().for_each(OwnedSemaphorePermit::forget);
        }
    }
}
