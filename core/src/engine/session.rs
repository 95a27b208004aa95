//! An open WebSocket: messages out and in, pings, farewells.

use super::flight::{Completion, Token};
use super::io::Io;
use super::stream::{Act, End, Piece, Stream};
use super::websocket::{random, Upgrade};
use crate::clock::{self, Nanos};
use crate::http::websocket::{self, close, Decoder, Message, Opcode};
use crate::net::connection::Connection;
use crate::net::failure::Failure;
use crate::stats::{builtin, SeriesId, TagsId};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{ready, Context, Poll, Waker};
use std::time::Duration;

/// How long the peer has to answer our farewell.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long to wait for the server's end of the connection once all is said.
const LAST_BYTES: Duration = Duration::from_secs(1);
/// A buffer that was once filled further is not kept.
const KEPT: usize = 16 * 1024;

struct Series {
    sent: SeriesId,
    received: SeriesId,
    ping: SeriesId,
    data_sent: SeriesId,
    data_received: SeriesId,
    duration: SeriesId,
    failed: SeriesId,
}

pub struct Session {
    upgrade: Upgrade,
    connection: RefCell<Connection>,
    series: Series,
    /// Frames that the socket has not taken, and how much of the flow they are.
    out: RefCell<Vec<u8>>,
    leaving: Cell<usize>,
    senders: RefCell<Vec<Token>>,
    /// (number, who waits, when it was sent)
    pings: RefCell<VecDeque<(u64, Token, Nanos)>>,
    ping_number: Cell<u64>,
    mask: Cell<u32>,
    /// Something was sent since a message came last: an answer may be under way.
    asked: Cell<bool>,
    /// Our close frame is out, or in `out`.
    farewell: Cell<bool>,
    cut: Cell<bool>,
    opened_at: Nanos,
    concluded: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Session {
    pub fn new(io: &Io, tags: TagsId, upgrade: Upgrade, connection: Connection, opened_at: Nanos) -> Self {
        let series = |metric| io.series(metric, tags);
        Self {
            upgrade,
            connection: RefCell::new(connection),
            series: Series {
                sent: series(builtin::WS_MSGS_SENT),
                received: series(builtin::WS_MSGS_RECEIVED),
                ping: series(builtin::WS_PING),
                data_sent: series(builtin::DATA_SENT),
                data_received: series(builtin::DATA_RECEIVED),
                duration: series(builtin::WS_SESSION_DURATION),
                failed: series(builtin::WS_SESSION_FAILED),
            },
            out: RefCell::default(),
            leaving: Cell::new(0),
            senders: RefCell::default(),
            pings: RefCell::default(),
            ping_number: Cell::new(0),
            mask: Cell::new(random().map_or(1, u32::from_ne_bytes) | 1),
            asked: Cell::new(false),
            farewell: Cell::new(false),
            cut: Cell::new(false),
            opened_at,
            concluded: Cell::new(false),
            waker: RefCell::default(),
        }
    }

    /// Until the end, whatever that is; tells user code.
    pub async fn carry_on(&self, io: &Io, leftover: &[u8]) {
        let mut decoder = Decoder::new(io.settings().body_limit);
        let mut traffic = (0, 0);
        let end = match self.take(io, &mut decoder, leftover, self.opened_at) {
            Some(end) => end,
            None => poll_fn(|context| self.poll(context, io, &mut decoder, &mut traffic)).await,
        };
        // The peer may still wait for our farewell.
        self.write_now(io);
        self.note_traffic(io, &mut traffic);
        self.note_asked(io, false);
        self.conclude(io, end.failure.is_some());
        self.deliver(io, Piece::End(Box::new(end.clone())), clock::now());
        if end.failure.is_none() && !self.cut.get() {
            // The server closes first (RFC 6455, 7.1.1): it, not we, keeps the port in TIME_WAIT.
            let rest = poll_fn(|context| loop {
                let mut connection = self.connection.borrow_mut();
                let read = connection.poll_read(context, &mut io.wire().input.borrow_mut(), io.wire(), 0);
                if !matches!(ready!(read), Ok((1.., _))) {
                    return Poll::Ready(());
                }
            });
            let _ = tokio::time::timeout(LAST_BYTES, rest).await;
        }
    }

    fn poll(&self, context: &mut Context<'_>, io: &Io, decoder: &mut Decoder, traffic: &mut (u64, u64)) -> Poll<End> {
        self.waker.borrow_mut().get_or_insert_with(|| context.waker().clone());
        loop {
            if self.cut.get() {
                return Poll::Ready(self.cut_off());
            }
            if let Poll::Ready(Err(failure)) = self.poll_write(context, io) {
                return Poll::Ready(broken(failure));
            }
            self.note_traffic(io, traffic);
            if !self.upgrade.flow.may_arrive() {
                return Poll::Pending;
            }
            let mut input = io.wire().input.borrow_mut();
            let read = self.connection.borrow_mut().poll_read(context, &mut input, io.wire(), 0);
            let (count, at) = match ready!(read) {
                Ok((0, _)) => {
                    let text = "websocket: the connection ended without a close frame";
                    return Poll::Ready(broken(Failure::protocol(text)));
                }
                Ok(read) => read,
                Err(failure) => return Poll::Ready(broken(failure)),
            };
            if let Some(end) = self.take(io, decoder, &input[..count], at) {
                return Poll::Ready(end);
            }
        }
    }

    /// Write what is to be written; done when nothing is left.
    fn poll_write(&self, context: &mut Context<'_>, io: &Io) -> Poll<Result<(), Failure>> {
        let mut connection = self.connection.borrow_mut();
        let mut out = self.out.borrow_mut();
        if out.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !out.is_empty() {
            let count = ready!(connection.poll_write(context, &out))?;
            if count == out.len() {
                out.clear();
            } else {
                out.drain(..count);
            }
        }
        if out.capacity() > KEPT {
            *out = Vec::new();
        }
        if self.upgrade.flow.left(self.leaving.take()) {
            for token in self.senders.borrow_mut().drain(..) {
                io.complete(Completion::Slept { token, due: clock::now() });
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Take in what was read; gives the end if it tells of one.
    fn take(&self, io: &Io, decoder: &mut Decoder, bytes: &[u8], at: Nanos) -> Option<End> {
        let mut end = None;
        let fed = decoder.feed(bytes, |message| match message {
            _ if end.is_some() => {}
            Message::Text(text) => self.receive(io, Piece::Text(text), at),
            Message::Binary(bytes) => self.receive(io, Piece::Bytes(bytes), at),
            Message::Ping(payload) => self.write(Opcode::Pong, &payload),
            Message::Pong(payload) => self.pong(io, &payload, at),
            Message::Close(code, reason) => {
                let answer = if code == close::NO_STATUS { Vec::new() } else { code.to_be_bytes().to_vec() };
                self.say_farewell(&answer);
                end = Some(End { code, reason, ..End::default() });
            }
        });
        match (end, fed) {
            (Some(end), _) => Some(end),
            (None, Ok(())) => None,
            (None, Err((code, text))) => {
                self.say_farewell(&websocket::close_payload(code, text));
                let failure = Failure::protocol(format!("websocket: {text}"));
                Some(End { code, reason: text.to_owned(), failure: Some(failure), ..End::default() })
            }
        }
    }

    fn receive(&self, io: &Io, piece: Piece, at: Nanos) {
        self.note_asked(io, false);
        io.add(self.series.received, 1.0);
        self.deliver(io, piece, at);
    }

    fn deliver(&self, io: &Io, piece: Piece, at: Nanos) {
        self.upgrade.flow.arrive(piece.length());
        io.complete(Completion::Piece { stream: self.upgrade.id, piece, at });
    }

    /// A pong answers the ping it repeats and those before it (RFC 6455, 5.5.3).
    fn pong(&self, io: &Io, payload: &[u8], at: Nanos) {
        let Ok(number) = <[u8; 8]>::try_from(payload).map(u64::from_be_bytes) else {
            return;
        };
        let mut pings = self.pings.borrow_mut();
        if !pings.iter().any(|(known, ..)| *known == number) {
            return;
        }
        while let Some((known, token, sent)) = pings.pop_front() {
            let round_trip = at.saturating_sub(sent);
            io.add(self.series.ping, clock::ms(0, round_trip));
            io.complete(Completion::Ponged { token, round_trip, at });
            if known == number {
                break;
            }
        }
    }

    /// Our close frame, unless it is out already: nothing may follow it (RFC 6455, 5.5.1).
    fn say_farewell(&self, payload: &[u8]) {
        if !self.farewell.get() {
            self.write(Opcode::Close, payload);
            self.farewell.set(true);
        }
    }

    fn write(&self, opcode: Opcode, payload: &[u8]) {
        if self.farewell.get() {
            return;
        }
        // Masks guard proxies against servers' users (RFC 6455, 10.3), not us against anybody: xorshift will do.
        let mut mask = self.mask.get();
        mask ^= mask << 13;
        mask ^= mask >> 17;
        mask ^= mask << 5;
        self.mask.set(mask);
        websocket::encode(&mut self.out.borrow_mut(), opcode, payload, mask.to_ne_bytes());
    }

    fn cut_off(&self) -> End {
        if self.farewell.get() {
            return broken(Failure::protocol("websocket: the server did not answer our farewell"));
        }
        End { code: close::ABNORMAL, ..End::default() }
    }

    /// Write without a detour by the session's task, which nearly always goes through; if not, the task does it.
    fn write_now(&self, io: &Io) {
        let written = self.poll_write(&mut Context::from_waker(Waker::noop()), io);
        if !matches!(written, Poll::Ready(Ok(()))) {
            self.wake();
        }
    }

    fn note_traffic(&self, io: &Io, before: &mut (u64, u64)) {
        let connection = self.connection.borrow();
        if connection.sent > before.0 {
            io.add(self.series.data_sent, (connection.sent - before.0) as f64);
        }
        if connection.received > before.1 {
            io.add(self.series.data_received, (connection.received - before.1) as f64);
        }
        *before = (connection.sent, connection.received);
    }

    /// Record the session. Before user code knows of the end: it may be the last thing of the run.
    fn conclude(&self, io: &Io, failed: bool) {
        if !self.concluded.replace(true) {
            io.add(self.series.duration, clock::ms(self.opened_at, clock::now()));
            io.add(self.series.failed, if failed { 1.0 } else { 0.0 });
        }
    }

    fn note_asked(&self, io: &Io, asked: bool) {
        match (self.asked.replace(asked), asked) {
            (false, true) => io.slots().expect(1),
            (true, false) => io.slots().expect(-1),
            _ => {}
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow().as_ref() {
            waker.wake_by_ref();
        }
    }
}

impl Stream for Session {
    fn act(self: Rc<Self>, io: &Io, act: Act) {
        match act {
            Act::Send(opcode, payload, waits) => {
                self.leaving.set(self.leaving.get() + payload.len());
                io.add(self.series.sent, 1.0);
                self.note_asked(io, true);
                self.write(opcode, &payload);
                self.senders.borrow_mut().extend(waits);
                self.wake();
            }
            Act::Ping(token) => {
                let number = self.ping_number.replace(self.ping_number.get() + 1);
                self.pings.borrow_mut().push_back((number, token, clock::now()));
                self.write(Opcode::Ping, &number.to_be_bytes());
                self.write_now(io);
            }
            Act::Close(code, reason) => {
                self.say_farewell(&websocket::close_payload(code, &reason));
                self.write_now(io);
                let waiting = self.clone();
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(FAREWELL).await;
                    waiting.cut.set(true);
                    waiting.wake();
                });
            }
            Act::ReadOn => self.wake(),
            Act::Cut => {
                self.conclude(io, false);
                self.cut.set(true);
                self.wake();
            }
        }
    }
}

fn broken(failure: Failure) -> End {
    End { code: close::ABNORMAL, failure: Some(failure), ..End::default() }
}
