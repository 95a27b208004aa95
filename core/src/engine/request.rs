//! A whole request: a connection to carry it, one retry where that is safe, redirects, cookies.

use super::connect::connect;
use super::digest::Challenge;
use super::download::{self, Begun};
use super::ending::{answered, begun, challenged, fail, note_part, succeed};
use super::flight::{Cause, Completion, Flight, Outcome, Request};
use super::inbox::{Inbox, Work};
use super::io::Io;
use super::stream::{Piece, Streaming};
use crate::clock;
use crate::evidence::{Answer, Carrier};
use crate::http::body::Body;
use crate::http::exchange::{exchange, is_redirect, Exchanged, Sending};
use crate::http::head::headers;
use crate::http::reader::Expect;
use crate::http::target::Target;
use crate::net::connection::Connection;
use crate::net::failure::Failure;
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
                let (timings, last_byte) = succeed(io, flight, &Answer::of(&reader, true), reader.minor());
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
