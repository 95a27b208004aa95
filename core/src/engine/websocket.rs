//! Opening a WebSocket: a request, its answer, and then a session in the same task.

use super::connect::{connect, Purpose};
use super::flight::{Cause, Completion, Flight, Outcome, Request};
use super::io::Io;
use super::session::Session;
use super::stream::{Flow, StreamId};
use crate::clock;
use crate::evidence::{Carrier, Failed, FailureKind};
use crate::http::body::Body;
use crate::http::exchange::{exchange, Exchanged, Sending};
use crate::http::head::headers;
use crate::http::reader::Expect;
use crate::http::websocket;
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::stats::{builtin, TagsId};
use ring::rand::{SecureRandom, SystemRandom};
use std::rc::Rc;
use std::sync::Arc;

/// What a request that opens a WebSocket asks for.
#[derive(Clone)]
pub struct Upgrade {
    pub id: StreamId,
    pub flow: Arc<Flow>,
    /// Subprotocols as they stand in the header; "" for none.
    pub protocols: Arc<str>,
}

/// Open a session and carry it on to its end.
pub async fn open(io: Rc<Io>, request: Box<Request>, upgrade: Upgrade, flight: Rc<Flight>) {
    let id = upgrade.id;
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
    if let Some(failure) = &outcome.failure {
        let failed = match outcome.status {
            0 => Failed::without_answer(failure, stamps.first_byte > 0),
            status @ 400.. => Failed { text: &failure.text, ..Failed::for_status(status, failure.code) },
            status => Failed { status, kind: FailureKind::Protocol, ..Failed::without_answer(failure, true) },
        };
        io.note_failed(request.tags, &flight.fallen(failed, outcome.last_byte));
    }
    let opened_at = outcome.last_byte;
    io.complete(Completion::Response { token: request.token, outcome: Box::new(outcome) });
    match connected {
        None => io.add(io.series(builtin::WS_SESSION_FAILED, tags), 1.0),
        Some((connection, leftover)) => {
            let session = Rc::new(Session::new(&io, tags, upgrade, connection, opened_at));
            io.begin_stream(request.user, id, session.clone());
            session.carry_on(&io, &leftover).await;
            io.end_stream(request.user, id);
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
    let mut connection = connect(io, &target.origin, flight, Purpose::WebSocket).await?;
    flight.carrier.set(Some(Carrier { reused: false, born: connection.born, idle_since: connection.born }));
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
        version: message.version,
        raw: message.raw.into(),
        head_length: message.head_length,
        last_byte: stamps.last_byte,
        timings: stamps.timings(stamps.last_byte),
        failure: accepted.as_ref().err().map(|failure| Box::new(failure.clone())),
        ..Outcome::default()
    };
    Ok((outcome, accepted.is_ok().then_some((connection, leftover))))
}

pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| Failure::new(code::GENERIC, Phase::Prepare, "websocket: this system has no random numbers"))?;
    Ok(bytes)
}
