//! WebSocket sessions on the I/O thread: opened by a request, then a task of their own.

use super::connect::connect;
use super::flight::{Cause, Completion, Flight, Outcome, Request, Token};
use super::io::Io;
use super::stream::{Act, End, Flow, Piece, Stream, StreamId};
use crate::clock::{self, Nanos};
use crate::http::body::Body;
use crate::http::exchange::{exchange, Exchanged, Sending};
use crate::http::reader::{headers, Expect};
use crate::http::websocket::{self, close, Decoder, Message, Opcode};
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::stats::{builtin, SeriesId, TagsId};
use ring::rand::{SecureRandom, SystemRandom};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{ready, Context, Poll, Waker};
use std::time::Duration;

/// How long the peer has to answer our farewell.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long to wait for the server's end of the connection once all is said.
const LAST_BYTES: Duration = Duration::from_secs(1);
/// A buffer that was once filled further is not kept.
const KEPT: usize = 16 * 1024;

/// What a request that opens a WebSocket asks for.
#[derive(Clone)]
pub struct Upgrade {
    pub id: StreamId,
    pub flow: Arc<Flow>,
    /// Subprotocols as they stand in the header; "" for none.
    pub protocols: Arc<str>,
}

struct Series {
    sent: SeriesId,
    received: SeriesId,
    ping: SeriesId,
    data_sent: SeriesId,
    data_received: SeriesId,
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
    waker: RefCell<Option<Waker>>,
}

/// Open a session, and carry it on in a task of its own.
pub async fn open(io: Rc<Io>, request: Box<Request>, upgrade: Upgrade, flight: Rc<Flight>) {
    let opened = flight.guard(shake_hands(&io, &request, &upgrade, &flight)).await;
    io.slots().landed(flight.token);
    let (outcome, connected) = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(failure)) => (failed(failure), None),
        Err(Cause::Timeout) => (failed(Failure::timeout(flight.progress.phase.get())), None),
        Err(Cause::Abort) => return,
    };
    let stamps = flight.progress.stamps.get();
    let tags = tags(&io, &request, &outcome);
    io.add(io.series(builtin::WS_SESSIONS, tags), 1.0);
    io.add(io.series(builtin::WS_CONNECTING, tags), clock::ms(stamps.taken, outcome.last_byte));
    io.record_taken(&stamps);
    let refused = outcome.failure.as_ref().filter(|failure| failure.code == code::REFUSED);
    io.frames().note_exchange(refused.map(|failure| &*failure.text));
    let opened_at = outcome.last_byte;
    io.complete(Completion::Response { token: request.token, outcome: Box::new(outcome) });
    match connected {
        None => io.add(io.series(builtin::WS_SESSION_FAILED, tags), 1.0),
        Some((connection, leftover)) => {
            let session = Rc::new(Session::new(&io, &request, upgrade, connection));
            io.begin_stream(request.user, session.upgrade.id, session.clone());
            let end = session.carry_on(&io, &leftover, opened_at).await;
            io.end_stream(request.user, session.upgrade.id);
            io.add(io.series(builtin::WS_SESSION_DURATION, tags), clock::ms(opened_at, clock::now()));
            io.add(io.series(builtin::WS_SESSION_FAILED, tags), if end.failure.is_some() { 1.0 } else { 0.0 });
        }
    }
}

fn failed(failure: Failure) -> Outcome {
    Outcome { failure: Some(Box::new(failure)), last_byte: clock::now(), ..Outcome::default() }
}

fn tags(io: &Io, request: &Request, outcome: &Outcome) -> TagsId {
    let status = outcome.status.to_string();
    let code = outcome.failure.as_ref().map_or(0, |failure| failure.code).to_string();
    let mut tags = vec![("status", status.as_str())];
    if let Some(failure) = &outcome.failure {
        tags.extend([("error", &*failure.text), ("error_code", &code)]);
    }
    io.with_tags(request.tags, &tags)
}

/// The answer to an opening handshake; with it, if the session is open, its connection and what came
/// behind the answer.
type Opened = (Outcome, Option<(Connection, Vec<u8>)>);

async fn shake_hands(io: &Io, request: &Request, upgrade: &Upgrade, flight: &Flight) -> Result<Opened, Failure> {
    let settings = io.settings();
    let target = &request.target;
    let (key, accept) = websocket::key(random()?);
    let mut more = format!(
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
    );
    if !upgrade.protocols.is_empty() {
        more.push_str(&format!("Sec-WebSocket-Protocol: {}\r\n", upgrade.protocols));
    }
    let cookie = io.users().cookie_header(request, &target.url, settings.reset_cookies);
    let sending = Sending { target, cookie: &cookie, more: &more, body: &Body::default() };
    let expect = Expect { head: false, discard_body: false, body_limit: settings.body_limit, head_only: false };
    let mut connection = connect(io, &target.origin, flight, true).await?;
    let Exchanged::Whole { message, leftover, .. } =
        exchange(&mut connection, io.wire(), &flight.progress, &sending, expect).await?
    else {
        return Err(Failure::protocol("websocket: no answer"));
    };
    let all = headers(&message.raw[..message.head_length]);
    for (_, cookie) in all.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
        io.users().store_cookie(request, cookie, &target.url);
    }
    let stamps = flight.progress.stamps.get();
    let accepted = websocket::accepted(message.status, &all, &accept, &upgrade.protocols);
    let outcome = Outcome {
        status: message.status,
        minor: message.minor,
        raw: message.raw,
        head_length: message.head_length,
        last_byte: stamps.last_byte,
        timings: stamps.timings(stamps.last_byte),
        failure: accepted.as_ref().err().map(|failure| Box::new(failure.clone())),
        ..Outcome::default()
    };
    Ok((outcome, accepted.is_ok().then_some((connection, leftover))))
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| Failure::new(code::GENERIC, Phase::Prepare, "websocket: this system has no random numbers"))?;
    Ok(bytes)
}

impl Session {
    fn new(io: &Io, request: &Request, upgrade: Upgrade, connection: Connection) -> Self {
        let series = |metric| io.series(metric, request.tags);
        Self {
            upgrade,
            connection: RefCell::new(connection),
            series: Series {
                sent: series(builtin::WS_MSGS_SENT),
                received: series(builtin::WS_MSGS_RECEIVED),
                ping: series(builtin::WS_PING),
                data_sent: series(builtin::DATA_SENT),
                data_received: series(builtin::DATA_RECEIVED),
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
            waker: RefCell::default(),
        }
    }

    /// Until the end, whatever that is; tells user code.
    async fn carry_on(&self, io: &Io, leftover: &[u8], opened_at: Nanos) -> End {
        let mut decoder = Decoder::new(io.settings().body_limit);
        let mut traffic = (0, 0);
        let end = match self.take(io, &mut decoder, leftover, opened_at) {
            Some(end) => end,
            None => poll_fn(|context| self.poll(context, io, &mut decoder, &mut traffic)).await,
        };
        // The peer may still wait for our farewell.
        self.write_now(io);
        self.note_traffic(io, &mut traffic);
        self.note_asked(io, false);
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
        end
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
                end = Some(End { code, reason, failure: None });
            }
        });
        match (end, fed) {
            (Some(end), _) => Some(end),
            (None, Ok(())) => None,
            (None, Err((code, text))) => {
                self.say_farewell(&websocket::close_payload(code, text));
                let failure = Failure::protocol(format!("websocket: {text}"));
                Some(End { code, reason: text.to_owned(), failure: Some(failure) })
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
        End { code: close::ABNORMAL, reason: String::new(), failure: None }
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
                self.cut.set(true);
                self.wake();
            }
        }
    }
}

fn broken(failure: Failure) -> End {
    End { code: close::ABNORMAL, reason: String::new(), failure: Some(failure) }
}
