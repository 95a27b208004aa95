//! A body that is taken piece by piece and never kept whole.

use super::flight::{Completion, Flight};
use super::io::Io;
use super::request::{fail, succeed};
use super::stream::{Act, End, Flow, Piece, Stream, StreamId};
use crate::clock;
use crate::http::exchange::read_on;
use crate::http::reader::Reader;
use crate::http::target::Origin;
use crate::net::connection::Connection;
use crate::net::failure::Failure;
use std::cell::{Cell, RefCell};
use std::future::{poll_fn, Future};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

/// A response whose head has come.
pub struct Begun {
    pub id: StreamId,
    pub flow: Arc<Flow>,
    pub origin: Arc<Origin>,
    pub connection: Connection,
    pub reader: Reader,
    /// The body is whole; whether the connection may be used again.
    pub ended: Option<bool>,
}

#[derive(Default)]
struct Download {
    cut: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Give user code the rest of a body, to its end or until it wants no more.
pub async fn carry_on(io: Rc<Io>, user: u32, flight: Rc<Flight>, mut begun: Box<Begun>) {
    let download = Rc::new(Download::default());
    let id = begun.id;
    io.begin_stream(user, id, download.clone());
    let ended = download.unless_cut(read(&io, &flight, &mut begun)).await;
    let Begun { origin, mut connection, reader, .. } = *begun;
    let mut end = End::default();
    match ended {
        Some(Err(failure)) => {
            end.failure = Some(failure.clone());
            fail(&io, &flight, failure);
        }
        Some(Ok(reusable)) => {
            succeed(&io, &flight, reader.status, reader.minor());
            if reusable && io.settings().reuse_connections {
                connection.idle_since = clock::now();
                io.users().keep(user, &origin, connection);
            }
        }
        // What user code wanted of it has come: that is no failure.
        None => drop(succeed(&io, &flight, reader.status, reader.minor())),
    }
    io.end_stream(user, id);
    io.complete(Completion::Piece { stream: id, piece: Piece::End(Box::new(end)), at: clock::now() });
}

async fn read(io: &Io, flight: &Flight, begun: &mut Begun) -> Result<bool, Failure> {
    let Begun { id, flow, connection, reader, ended, .. } = begun;
    loop {
        let body = reader.take_body();
        if !body.is_empty() {
            flow.arrive(body.len());
            let at = flight.progress.stamps.get().last_byte;
            io.complete(Completion::Piece { stream: *id, piece: Piece::Bytes(body), at });
        }
        if let Some(reusable) = ended {
            return Ok(*reusable);
        }
        poll_fn(|_| if flow.may_arrive() { Poll::Ready(()) } else { Poll::Pending }).await;
        *ended = read_on(connection, io.wire(), &flight.progress, reader).await?;
    }
}

impl Download {
    /// What becomes of `work`; `None` if user code wants no more before.
    async fn unless_cut<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        poll_fn(|context| {
            if self.cut.get() {
                return Poll::Ready(None);
            }
            self.waker.borrow_mut().get_or_insert_with(|| context.waker().clone());
            work.as_mut().poll(context).map(Some)
        })
        .await
    }
}

impl Stream for Download {
    fn act(self: Rc<Self>, _io: &Io, act: Act) {
        if let Act::Cut = act {
            self.cut.set(true);
        }
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}
