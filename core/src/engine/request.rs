//! A whole request: a connection to carry it, one retry where that is safe, redirects, cookies.

use super::flight::{Cause, Completion, Flight, Outcome, Request};
use super::inbox::{Inbox, Work};
use super::io::Io;
use super::record::HttpSample;
use crate::clock;
use crate::http::decode;
use crate::http::exchange::{exchange, Sending};
use crate::http::reader::{headers, Expect, Message};
use crate::http::target::{Origin, Target};
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::net::socket::Socket;
use crate::net::tls;
use crate::stats::builtin;
use bytes::Bytes;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Carry out `work`, and then whatever comes to `inbox`, until it is closed.
pub async fn serve(io: Rc<Io>, inbox: Rc<Inbox>, work: Work) {
    let mut work = Some(work);
    while let Some((request, flight)) = work {
        carry_out(io.clone(), request, flight).await;
        work = inbox.next().await;
    }
}

/// Carry out `request` to its end, whatever that is: answered, failed, out of time or cut off.
pub async fn carry_out(io: Rc<Io>, request: Box<Request>, flight: Rc<Flight>) {
    let ended = flight.guard(follow(&io, &request, &flight)).await;
    let outcome = match ended {
        Ok(outcome) => outcome,
        Err(Cause::Timeout) => fail(&io, &flight, Failure::timeout(flight.progress.phase.get())),
        Err(Cause::Abort) => {
            io.count(builtin::HTTP_REQS_INTERRUPTED, flight.tags.get());
            io.slots().landed(flight.token);
            return;
        }
    };
    io.slots().landed(flight.token);
    io.complete(Completion::Response { token: request.token, outcome });
}

/// Hop after hop, until there is an answer that is no redirect.
pub async fn follow(io: &Io, request: &Request, flight: &Flight) -> Box<Outcome> {
    let mut target = request.target.clone();
    let mut body = request.body.clone();
    let mut history: Vec<Outcome> = Vec::new();
    loop {
        let mut outcome = hop(io, request, &target, &body, flight).await;
        let next = match (outcome.status, history.len() < request.redirects as usize) {
            (301 | 302 | 303 | 307 | 308, true) => redirect(request, &target, &outcome),
            _ => None,
        };
        let Some(next) = next else {
            outcome.url = (!history.is_empty()).then(|| Box::new(target.url.clone()));
            outcome.history = history;
            return outcome;
        };
        // RFC 9110, 15.4: 307 and 308 repeat the request; the others ask for the new place.
        if !matches!(outcome.status, 307 | 308) {
            body = Bytes::new();
        }
        outcome.url = Some(Box::new(target.url.clone()));
        history.push(*outcome);
        flight.progress.restart(clock::now());
        flight.tags.set(io.hop_tags(request, &next));
        target = next;
    }
}

/// The target that a redirect names, if it names one that can be followed.
fn redirect(request: &Request, from: &Target, outcome: &Outcome) -> Option<Arc<Target>> {
    let all = headers(&outcome.raw[..outcome.head_length]);
    let location = all.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"))?;
    let url = from.url.join(&location.1).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let repeat = matches!(outcome.status, 307 | 308) || matches!(&*from.method, "GET" | "HEAD");
    let method: Arc<str> = if repeat { from.method.clone() } else { "GET".into() };
    let same_origin = url.origin() == from.url.origin();
    let kept = |name: &str| {
        let about_body = ["content-type", "content-length", "content-encoding", "transfer-encoding"];
        let secret = ["authorization", "cookie", "proxy-authorization"];
        let is_one_of = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        (repeat || !is_one_of(&about_body))
            && (same_origin || !is_one_of(&secret))
            && !name.eq_ignore_ascii_case("host")
    };
    let headers = request.target.headers.iter().filter(|(name, _)| kept(name)).cloned().collect();
    Target::new(0, method, url, headers, from.user_agent.clone()).ok().map(Arc::new)
}

/// One exchange, on a kept connection or a new one, recorded.
async fn hop(io: &Io, request: &Request, target: &Target, body: &Bytes, flight: &Flight) -> Box<Outcome> {
    let settings = io.settings();
    let cookie = io.users().cookie_header(request, &target.url, settings.reset_cookies);
    let sending = Sending { target, cookie: &cookie, body };
    let expect = Expect {
        head: &*target.method == "HEAD",
        discard_body: settings.discard_bodies,
        body_limit: settings.body_limit,
    };
    let mut kept = io.users().idle_connection(request.user, &target.origin);
    loop {
        let reused = kept.is_some();
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => match connect(io, &target.origin, flight).await {
                Ok(connection) => connection,
                Err(failure) => return fail(io, flight, failure),
            },
        };
        match exchange(&mut connection, io.wire(), &flight.progress, &sending, expect).await {
            Ok((message, reusable)) => {
                if reusable && settings.reuse_connections {
                    connection.idle_since = flight.progress.stamps.get().last_byte;
                    io.users().keep(request.user, &target.origin, connection);
                }
                return answered(io, request, target, flight, message);
            }
            Err(failure) => {
                // A kept connection may have been closed as we used it: nobody can know. Asking once
                // more is safe where doing a thing twice is (RFC 9110, 9.2.2; RFC 9112, 9.3.1).
                let untouched = flight.progress.stamps.get().first_byte == 0;
                if !(reused && untouched && target.is_idempotent()) {
                    return fail(io, flight, failure);
                }
                io.count(builtin::HTTP_REQS_RETRIED, flight.tags.get());
                let asked = flight.progress.stamps.get().asked;
                flight.progress.restart(clock::now());
                flight.progress.stamp(|stamps| stamps.asked = asked);
            }
        }
    }
}

fn answered(io: &Io, request: &Request, target: &Target, flight: &Flight, message: Message) -> Box<Outcome> {
    let settings = io.settings();
    let mut failure = None;
    let mut raw = message.raw;
    if message.has_cookies || (message.encoded && !settings.discard_bodies) {
        let all = headers(&raw[..message.head_length]);
        let values = |name: &'static str| {
            all.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
        };
        values("set-cookie").for_each(|cookie| io.users().store_cookie(request, cookie, &target.url));
        let encodings = values("content-encoding").collect::<Vec<_>>().join(",");
        let body = &raw[message.head_length..];
        if message.encoded && !body.is_empty() {
            match decode::decode(&encodings, body, settings.body_limit) {
                Ok(plain) => {
                    raw.truncate(message.head_length);
                    raw.extend_from_slice(&plain);
                }
                Err(text) => failure = Some(Failure::new(code::DECOMPRESSION, Phase::Decode, text)),
            }
        }
    }
    if let Some(failure) = failure {
        return fail(io, flight, failure);
    }
    let stamps = flight.progress.stamps.get();
    let last_byte = if stamps.last_byte == 0 { clock::now() } else { stamps.last_byte };
    let timings = stamps.timings(last_byte);
    let (sent, received) = flight.progress.traffic.get();
    let error_code = if message.status >= 400 { 1000 + message.status.min(599) } else { 0 };
    io.record(&HttpSample {
        tags: flight.tags.get(),
        status: message.status,
        error_code,
        error: "",
        minor: message.minor,
        timings,
        sent,
        received,
    });
    io.record_taken(&stamps);
    Box::new(Outcome {
        status: message.status,
        minor: message.minor,
        raw,
        head_length: message.head_length,
        timings,
        last_byte,
        ..Outcome::default()
    })
}

/// Record an exchange that failed now.
pub fn fail(io: &Io, flight: &Flight, failure: Failure) -> Box<Outcome> {
    let now = clock::now();
    let stamps = flight.progress.stamps.get();
    let timings = stamps.timings(now);
    let (sent, received) = flight.progress.traffic.get();
    io.record(&HttpSample {
        tags: flight.tags.get(),
        status: 0,
        error_code: failure.code,
        error: &failure.text,
        minor: 1,
        timings,
        sent,
        received,
    });
    io.record_taken(&stamps);
    Box::new(Outcome { failure: Some(Box::new(failure)), timings, last_byte: now, ..Outcome::default() })
}

/// A new connection to `origin`, within the connect timeout.
async fn connect(io: &Io, origin: &Arc<Origin>, flight: &Flight) -> Result<Connection, Failure> {
    let limit = Duration::from_nanos(io.settings().connect_timeout);
    // Boxed: a request that reuses a connection need not carry the room for making one.
    let opened = tokio::time::timeout(limit, Box::pin(open(io, origin, flight))).await;
    opened.unwrap_or_else(|_| {
        let phase = flight.progress.phase.get();
        Err(Failure::new(code::DIAL_TIMEOUT, phase, format!("{}: i/o timeout", phase.name())))
    })
}

async fn open(io: &Io, origin: &Origin, flight: &Flight) -> Result<Connection, Failure> {
    let progress = &flight.progress;
    let started = clock::now();
    let overrides = &io.settings().overrides;
    overrides.check_name(&origin.host)?;
    let told = overrides.find(&origin.host, origin.port);
    let port = told.map_or(origin.port, |address| address.port());
    let addresses = match told {
        Some(address) => Some(Rc::from([address.ip()])),
        None => io.resolver().known(&origin.host, started),
    };
    let addresses = match addresses {
        Some(addresses) => addresses,
        None => {
            progress.phase.set(Phase::Dns);
            progress.stamp(|stamps| stamps.dns.0 = started);
            let answer = io.resolver().ask(&origin.host, started).await?;
            progress.stamp(|stamps| stamps.dns.1 = clock::now());
            answer
        }
    };
    progress.phase.set(Phase::Connect);
    progress.stamp(|stamps| stamps.connect.0 = clock::now());
    let mut refusal = None;
    for address in addresses.iter() {
        if let Err(failure) = overrides.check_address(*address) {
            refusal = Some(failure);
            continue;
        }
        match Socket::connect(SocketAddr::new(*address, port)).await {
            Ok(socket) => {
                let made = clock::now();
                progress.stamp(|stamps| stamps.connect.1 = made);
                let mut connection = Connection::new(socket, io.next_connection(), made);
                if origin.tls {
                    encrypt(io, &mut connection, origin, flight).await?;
                }
                return Ok(connection);
            }
            Err(error) => refusal = Some(Failure::dial(&error)),
        }
    }
    progress.stamp(|stamps| stamps.connect.1 = clock::now());
    Err(refusal.unwrap_or_else(|| Failure::new(code::DIAL, Phase::Connect, "dial: no address")))
}

async fn encrypt(io: &Io, connection: &mut Connection, origin: &Origin, flight: &Flight) -> Result<(), Failure> {
    flight.progress.phase.set(Phase::Tls);
    flight.progress.stamp(|stamps| stamps.tls.0 = clock::now());
    let name = tls::server_name(&origin.host)?;
    let session = rustls::ClientConnection::new(io.tls_config()?, name).map_err(|error| tls::failure(&error))?;
    connection.encrypt(session, io.wire()).await?;
    flight.progress.stamp(|stamps| stamps.tls.1 = clock::now());
    Ok(())
}
