//! A body that is taken piece by piece and never kept whole.

use super::ending::{fail, succeed};
use super::flight::{Completion, Flight};
use super::io::Io;
use super::stream::{Act, End, Flow, Piece, Stream, StreamId};
use crate::clock;
use crate::evidence::Answer;
use crate::http::exchange::read_on;
use crate::http::reader::Reader;
use crate::http::target::Origin;
use crate::http::version::Version;
use crate::http2;
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
    pub reader: Reader,
    pub source: Box<Source>,
}

/// Where the rest of a body comes from.
pub enum Source {
    Http1 {
        origin: Arc<Origin>,
        connection: Connection,
        /// The body is whole; whether the connection may be used again.
        ended: Option<bool>,
    },
    Http2(http2::Incoming),
}

struct Download {
    flight: Rc<Flight>,
    status: u16,
    version: Version,
    announced: Option<u64>,
    /// Of the body, so far.
    bytes: Cell<u64>,
    recorded: Cell<bool>,
    cut: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Give user code the rest of a body, to its end or until it wants no more.
pub async fn carry_on(io: Rc<Io>, user: u32, flight: Rc<Flight>, mut begun: Box<Begun>) {
    let id = begun.id;
    let download = Rc::new(Download {
        flight: flight.clone(),
        status: begun.reader.status,
        version: begun.reader.version(),
        announced: begun.reader.announced,
        bytes: Cell::new(begun.reader.body_bytes),
        recorded: Cell::new(false),
        cut: Cell::new(false),
        waker: RefCell::default(),
    });
    io.begin_stream(user, id, download.clone());
    let ended = download.unless_cut(read(&io, &download, &mut begun)).await;
    let Begun { source, mut reader, .. } = *begun;
    let mut end = End { trailers: std::mem::take(&mut reader.trailers), ..End::default() };
    if let Source::Http2(rest) = &*source {
        rest.note_written(&flight.progress);
    }
    match ended {
        Some(Err(failure)) => {
            end.failure = Some(failure.clone());
            flight.progress.unfinished.replace(Some(Box::new(reader)));
            fail(&io, &flight, failure);
        }
        Some(Ok(())) => {
            download.record(&io);
            if let Source::Http1 { origin, mut connection, ended: Some(true) } = *source {
                if io.settings().reuse_connections {
                    connection.idle_since = clock::now();
                    io.users().keep(user, &origin, connection);
                }
            }
        }
        None => {}
    }
    io.end_stream(user, id);
    io.complete(Completion::Piece { stream: id, piece: Piece::End(Box::new(end)), at: clock::now() });
}

async fn read(io: &Io, download: &Download, begun: &mut Begun) -> Result<(), Failure> {
    let progress = &download.flight.progress;
    let Begun { id, flow, reader, source } = begun;
    loop {
        let body = reader.take_body();
        if !body.is_empty() {
            flow.arrive(body.len());
            let at = progress.stamps.get().last_byte;
            io.complete(Completion::Piece { stream: *id, piece: Piece::Bytes(body), at });
        }
        if source.has_ended() {
            return Ok(());
        }
        poll_fn(|_| if flow.may_arrive() { Poll::Ready(()) } else { Poll::Pending }).await;
        match &mut **source {
            Source::Http1 { connection, ended, .. } => {
                *ended = read_on(connection, io.wire(), progress, reader).await?
            }
            Source::Http2(rest) => rest.read_on(progress, reader).await?,
        }
        download.bytes.set(reader.body_bytes);
    }
}

impl Source {
    fn has_ended(&self) -> bool {
        match self {
            Self::Http1 { ended, .. } => ended.is_some(),
            Self::Http2(rest) => rest.has_ended(),
        }
    }
}

impl Download {
    /// It came to its end, or what user code wanted of it has come: that is no failure.
    fn record(&self, io: &Io) {
        if !self.recorded.replace(true) {
            let (status, bytes, announced) = (self.status, self.bytes.get(), self.announced);
            let answer = Answer { status, bytes, announced, whole: true, body: None };
            succeed(io, &self.flight, &answer, self.version);
        }
    }

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
    fn act(self: Rc<Self>, io: &Io, act: Act) {
        if let Act::Cut = act {
            self.cut.set(true);
            // Now, and not when the task comes to it: this may be the last thing of the run.
            self.record(io);
        }
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}
