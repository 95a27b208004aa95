//! A whole request: a connection to carry it, one retry where that is safe, redirects, cookies.

use super::connect::{connect, Purpose};
use super::digest::Challenge;
use super::download::{self, Begun, Source};
use super::ending::{answered, begun, challenged, fail, note_part, succeed, time_out};
use super::flight::{Cause, Completion, Flight, Outcome, Request};
use super::inbox::{Inbox, Work};
use super::io::Io;
use super::lanes::{way, Way};
use super::stream::{Piece, Streaming};
use crate::clock;
use crate::evidence::{Answer, Carrier};
use crate::http::body::Body;
use crate::http::exchange::{self, exchange, is_redirect, Sending};
use crate::http::head::headers;
use crate::http::reader::{Expect, Message, Reader};
use crate::http::target::{Origin, Target};
use crate::http2::{self, Link};
use crate::net::connection::Connection;
use crate::net::failure::{code, Failure};
use crate::stats::builtin;
use std::rc::Rc;
use std::sync::Arc;

/// A connection may have served enough as often as this before a request of many at a time gets its turn: farewells
/// are no failures. (Go's client has the same number.)
const FAREWELLS: u32 = 6;

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
        Err(Cause::Timeout) => time_out(&io, &flight),
        Err(Cause::Abort) => {
            note_part(&io, &flight);
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
    let mut tries = 0;
    flight.leave_carrier();
    loop {
        let way = if settings.speech.may_be_http2(target.origin.tls) {
            way(io, request.user, &target.origin, flight, tries > 0).await
        } else {
            way_of_http1(io, request.user, &target.origin, flight, tries > 0).await
        };
        let (exchanged, reused, is_http2) = match way {
            Ok(Way::Http1 { connection, reused }) => {
                let (born, idle_since) = (connection.born, connection.idle_since);
                flight.carrier.set(Some(Carrier { reused, born, idle_since }));
                if reused {
                    io.note_reuse();
                }
                (on_http1(io, request, target, flight, &sending, expect, connection).await, reused, false)
            }
            Ok(Way::Http2(link)) => {
                let reused = link.uses() > 0;
                let (born, idle_since) = (link.born, link.idle_since());
                flight.carrier.set(Some(Carrier { reused, born, idle_since }));
                flight.shared.replace(Some(link.traffic.clone()));
                let exchanged = on_http2(&link, flight, &sending, expect).await;
                if was_never_sent(&exchanged, flight) && link.uses() > 0 {
                    // It waited for room on a connection that then had served enough: no try of its own.
                    flight.leave_carrier();
                    continue;
                }
                if reused {
                    io.note_reuse();
                }
                (exchanged, reused, true)
            }
            Err(failure) => return fail(io, flight, failure),
        };
        match exchanged {
            Ok(Exchanged::Whole(message)) => return answered(io, request, target, flight, message),
            Ok(Exchanged::Begun(reader, source)) => {
                if challenged(io, request, target, flight, reader.status, reader.head()) {
                    // Its body is of no use, and neither is what brings it.
                    drop(source);
                    let (timings, last_byte) = succeed(io, flight, &Answer::of(&reader, true), reader.version());
                    return Box::new(Outcome { status: reader.status, timings, last_byte, ..Outcome::default() });
                }
                let outcome = begun(io, request, target, flight, &reader);
                flight.begun.replace(streaming.map(|(id, flow)| Box::new(Begun { id, flow, reader, source })));
                return outcome;
            }
            Err(failure) => {
                // A kept connection may have been closed as we used it: nobody can know. Asking once
                // more is safe where doing a thing twice is (RFC 9110, 9.2.2; RFC 9112, 9.3.1), and where
                // the server says that it has not begun (RFC 9113, 8.7). A stream that fails alone is a
                // server's answer.
                let untouched = flight.progress.stamps.get().first_byte == 0;
                let closed = reused && untouched && (!is_http2 || failure.lost);
                let safe = failure.unprocessed || (closed && target.is_idempotent());
                let farewell = failure.unprocessed && failure.code == code::HTTP2_FAREWELL;
                if !safe || tries >= if farewell { FAREWELLS } else { 1 } {
                    return fail(io, flight, failure);
                }
                tries += 1;
                io.count(builtin::HTTP_REQS_RETRIED, flight.tags.get());
                let asked = flight.progress.stamps.get().asked;
                flight.progress.restart(clock::now());
                flight.progress.stamp(|stamps| stamps.asked = asked);
                flight.leave_carrier();
            }
        }
    }
}

fn was_never_sent(exchanged: &Result<Exchanged, Failure>, flight: &Flight) -> bool {
    let unprocessed = exchanged.as_ref().is_err_and(|failure| failure.unprocessed);
    unprocessed && flight.progress.stamps.get().write.0 == 0
}

/// What came of an exchange, on whatever it was carried.
enum Exchanged {
    Whole(Message),
    Begun(Reader, Box<Source>),
}

/// A kept connection or a new one; only a new one for a second try.
async fn way_of_http1(io: &Io, user: u32, origin: &Arc<Origin>, flight: &Flight, fresh: bool) -> Result<Way, Failure> {
    let kept = if fresh { None } else { io.users().idle_connection(user, origin) };
    let reused = kept.is_some();
    let connection = match kept {
        Some(connection) => connection,
        None => connect(io, origin, flight, Purpose::Requests).await?,
    };
    Ok(Way::Http1 { connection, reused })
}

async fn on_http1(
    io: &Io,
    request: &Request,
    target: &Target,
    flight: &Flight,
    sending: &Sending<'_>,
    expect: Expect,
    mut connection: Connection,
) -> Result<Exchanged, Failure> {
    match exchange(&mut connection, io.wire(), &flight.progress, sending, expect).await? {
        exchange::Exchanged::Whole { message, reusable, .. } => {
            if reusable && io.settings().reuse_connections {
                connection.idle_since = flight.progress.stamps.get().last_byte;
                io.users().keep(request.user, &target.origin, connection);
            }
            Ok(Exchanged::Whole(message))
        }
        exchange::Exchanged::Head { reader, ended } => {
            let origin = target.origin.clone();
            Ok(Exchanged::Begun(reader, Box::new(Source::Http1 { origin, connection, ended })))
        }
    }
}

async fn on_http2(
    link: &Rc<Link>,
    flight: &Flight,
    sending: &Sending<'_>,
    expect: Expect,
) -> Result<Exchanged, Failure> {
    Ok(match http2::exchange(link, &flight.progress, sending, expect).await? {
        http2::Exchanged::Whole(message) => Exchanged::Whole(message),
        http2::Exchanged::Head { reader, rest } => Exchanged::Begun(reader, Box::new(Source::Http2(rest))),
    })
}
