//! A whole request: a connection to carry it, one retry where that is safe, redirects, cookies.

use super::connect::connect;
use super::digest::Challenge;
use super::download::{self, Begun};
use super::flight::{Cause, Completion, Flight, Outcome, Request};
use super::inbox::{Inbox, Work};
use super::io::Io;
use super::record::{is_expected, HttpSample};
use super::stream::{Piece, Streaming};
use crate::clock::{self, Nanos};
use crate::evidence::{self, Answer, Carrier, Failed};
use crate::http::body::Body;
use crate::http::decode;
use crate::http::exchange::{exchange, is_redirect, Exchanged, Sending};
use crate::http::head::headers;
use crate::http::reader::{Expect, Message, Reader};
use crate::http::stamps::Timings;
use crate::http::target::Target;
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure, Phase};
use crate::stats::builtin;
use std::rc::Rc;
use std::sync::Arc;

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
    if let Some(Streaming::Body(stream, _)) = request.streaming {
        match flight.begun.take() {
            Some(begun) => drop(tokio::task::spawn_local(download::carry_on(io, request.user, flight, begun))),
            // A redirect that nobody may follow came whole.
            None => io.complete(Completion::Piece { stream, piece: Piece::End(Default::default()), at: clock::now() }),
        }
    }
}

/// Hop after hop, until there is an answer that is no redirect.
pub async fn follow(io: &Io, request: &Request, flight: &Flight) -> Box<Outcome> {
    let mut target = request.target.clone();
    let mut body = request.body.clone();
    let mut history: Vec<Outcome> = Vec::new();
    let mut redirects = 0;
    loop {
        let mut outcome = hop(io, request, &target, &body, flight).await;
        if flight.challenge.get() == Challenge::Came {
            flight.challenge.set(Challenge::Answered);
            outcome.url = Some(Box::new(target.url.clone()));
            history.push(*outcome);
            flight.progress.restart(clock::now());
            continue;
        }
        let may_follow = is_redirect(outcome.status) && redirects < request.redirects;
        let next = may_follow.then(|| redirect(request, &target, &outcome)).flatten();
        let Some(next) = next else {
            outcome.url = (!history.is_empty()).then(|| Box::new(target.url.clone()));
            outcome.history = history;
            return outcome;
        };
        // RFC 9110, 15.4: 307 and 308 repeat the request; the others ask for the new place.
        if !matches!(outcome.status, 307 | 308) {
            body = Body::default();
        }
        outcome.url = Some(Box::new(target.url.clone()));
        history.push(*outcome);
        redirects += 1;
        flight.challenge.set(Challenge::None);
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
async fn hop(io: &Io, request: &Request, target: &Target, body: &Body, flight: &Flight) -> Box<Outcome> {
    let settings = io.settings();
    let cookie = io.users().cookie_header(request, &target.url, settings.reset_cookies);
    let digest = io.users().digest_line(request, target, body);
    let sending = Sending { target, cookie: &cookie, more: &digest, body };
    let streaming = match &request.streaming {
        Some(Streaming::Body(id, flow)) => Some((*id, flow.clone())),
        _ => None,
    };
    let expect = Expect {
        head: &*target.method == "HEAD",
        discard_body: settings.discard_bodies && streaming.is_none(),
        body_limit: if streaming.is_some() { u64::MAX } else { settings.body_limit },
        head_only: streaming.is_some(),
    };
    let mut kept = io.users().idle_connection(request.user, &target.origin);
    flight.carrier.set(None);
    loop {
        let reused = kept.is_some();
        if reused {
            io.note_reuse();
        }
        let mut connection = match kept.take() {
            Some(connection) => connection,
            None => match connect(io, &target.origin, flight, false).await {
                Ok(connection) => connection,
                Err(failure) => return fail(io, flight, failure),
            },
        };
        let Connection { born, idle_since, .. } = connection;
        flight.carrier.set(Some(Carrier { reused, born, idle_since }));
        match exchange(&mut connection, io.wire(), &flight.progress, &sending, expect).await {
            Ok(Exchanged::Whole { message, reusable, .. }) => {
                if reusable && settings.reuse_connections {
                    connection.idle_since = flight.progress.stamps.get().last_byte;
                    io.users().keep(request.user, &target.origin, connection);
                }
                return answered(io, request, target, flight, message);
            }
            Ok(Exchanged::Head { reader, .. })
                if challenged(io, request, target, flight, reader.status, reader.head()) =>
            {
                // Its body is of no use, and neither is the connection that brings it.
                let (timings, last_byte) = succeed(io, flight, reader.status, reader.minor());
                return Box::new(Outcome { status: reader.status, timings, last_byte, ..Outcome::default() });
            }
            Ok(Exchanged::Head { reader, ended }) => {
                let outcome = begun(io, request, target, flight, &reader);
                let origin = target.origin.clone();
                flight.begun.replace(
                    streaming.map(|(id, flow)| Box::new(Begun { id, flow, origin, connection, reader, ended })),
                );
                return outcome;
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
                flight.carrier.set(None);
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
    let challenged = challenged(io, request, target, flight, message.status, &raw[..message.head_length]);
    let (timings, last_byte) = succeed(io, flight, message.status, message.minor);
    let kept = !settings.discard_bodies && message.body_bytes > 0;
    let bytes = &raw[message.head_length..];
    io.note_answer(&Answer {
        status: message.status,
        bytes: message.body_bytes,
        announced: None,
        whole: true,
        body: kept.then_some(evidence::Body { bytes, length: bytes.len() as u64 }),
    });
    if message.status >= 400 && !challenged {
        io.note_refusal(flight.tags.get(), message.status, &raw[message.head_length..]);
    }
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

/// Whether an answer is a challenge that the request can meet: then it was to be expected.
fn challenged(io: &Io, request: &Request, target: &Target, flight: &Flight, status: u16, head: &[u8]) -> bool {
    let first = status == 401 && request.digest.is_some() && flight.challenge.get() == Challenge::None;
    let met = first && io.users().learn_challenge(request, target, &headers(head));
    if met {
        flight.challenge.set(Challenge::Came);
    }
    met
}

/// Record an exchange that came to its end.
pub fn succeed(io: &Io, flight: &Flight, status: u16, minor: u8) -> (Timings, Nanos) {
    let stamps = flight.progress.stamps.get();
    let last_byte = if stamps.last_byte == 0 { clock::now() } else { stamps.last_byte };
    let timings = stamps.timings(last_byte);
    let (sent, received) = flight.progress.traffic.get();
    let expected = is_expected(status) || flight.challenge.get() == Challenge::Came;
    let error_code = if status >= 400 && !expected { 1000 + status.min(599) } else { 0 };
    let tags = flight.tags.get();
    let failed = (!expected).then(|| flight.fallen(Failed::for_status(status, error_code), last_byte));
    io.record(&HttpSample { tags, status, expected, error_code, error: "", minor, timings, sent, received, failed });
    io.record_taken(&stamps);
    (timings, last_byte)
}

/// The head of an answer whose body will be taken piece by piece: recorded when that ends.
fn begun(io: &Io, request: &Request, target: &Target, flight: &Flight, reader: &Reader) -> Box<Outcome> {
    for (_, cookie) in headers(reader.head()).iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
        io.users().store_cookie(request, cookie, &target.url);
    }
    let stamps = flight.progress.stamps.get();
    Box::new(Outcome {
        status: reader.status,
        minor: reader.minor(),
        raw: reader.head().to_vec(),
        head_length: reader.head().len(),
        timings: stamps.timings(stamps.last_byte),
        last_byte: stamps.last_byte,
        ..Outcome::default()
    })
}

/// Note what has come of an answer that will never be whole.
fn note_part(io: &Io, flight: &Flight) {
    let Some(part) = flight.progress.unfinished.take() else { return };
    let length = part.announced.unwrap_or(part.bytes);
    let body = evidence::Body { bytes: &part.beginning, length };
    let (status, bytes, announced) = (part.status, part.bytes, part.announced);
    let body = (!part.beginning.is_empty()).then_some(body);
    io.note_part(flight.tags.get(), &Answer { status, bytes, announced, whole: false, body });
}

/// Record an exchange that failed now.
pub fn fail(io: &Io, flight: &Flight, failure: Failure) -> Box<Outcome> {
    let now = clock::now();
    let stamps = flight.progress.stamps.get();
    let timings = stamps.timings(now);
    let (sent, received) = flight.progress.traffic.get();
    note_part(io, flight);
    let failed = Failed::without_answer(&failure, stamps.first_byte > 0);
    io.record(&HttpSample {
        tags: flight.tags.get(),
        status: 0,
        expected: false,
        error_code: failure.code,
        error: &failure.text,
        minor: 1,
        timings,
        sent,
        received,
        failed: Some(flight.fallen(failed, now)),
    });
    io.record_taken(&stamps);
    Box::new(Outcome { failure: Some(Box::new(failure)), timings, last_byte: now, ..Outcome::default() })
}
