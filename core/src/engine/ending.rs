//! How exchanges end: recorded, noted as evidence, and what user code gets to see of them.

use super::digest::Challenge;
use super::flight::{Flight, Outcome, Request};
use super::io::Io;
use super::record::{is_expected, HttpSample};
use crate::clock::{self, Nanos};
use crate::evidence::{self, Answer, Failed};
use crate::http::decode;
use crate::http::head::headers;
use crate::http::reader::{Message, Reader};
use crate::http::stamps::Timings;
use crate::http::target::Target;
use crate::http::version::Version;
use crate::net::failure::{code, Failure, Phase};
use bytes::Bytes;

/// An answer that came whole: decoded, recorded, and what user code gets to see of it.
pub fn answered(io: &Io, request: &Request, target: &Target, flight: &Flight, message: Message) -> Box<Outcome> {
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
    let raw = Bytes::from(raw);
    let mut answer = Answer {
        status: message.status,
        bytes: message.body_bytes,
        announced: message.announced,
        whole: true,
        body: evidence::Body::behind(message.head_length, &raw, None),
    };
    if let Some(failure) = failure {
        answer.body = None;
        io.note_part(flight.tags.get(), &answer);
        return fail(io, flight, failure);
    }
    let challenged = challenged(io, request, target, flight, message.status, &raw[..message.head_length]);
    let (timings, last_byte) = succeed(io, flight, &answer, message.version);
    if message.status >= 400 && !challenged {
        io.note_refusal(flight.tags.get(), message.status, &raw[message.head_length..]);
    }
    Box::new(Outcome {
        status: message.status,
        version: message.version,
        raw,
        head_length: message.head_length,
        trailers: message.trailers,
        timings,
        last_byte,
        ..Outcome::default()
    })
}

/// Whether an answer is a challenge that the request can meet: then it was to be expected.
pub fn challenged(io: &Io, request: &Request, target: &Target, flight: &Flight, status: u16, head: &[u8]) -> bool {
    let first = status == 401 && request.digest.is_some() && flight.challenge.get() == Challenge::None;
    let met = first && io.users().learn_challenge(request, target, &headers(head));
    if met {
        flight.challenge.set(Challenge::Came);
    }
    met
}

/// Record an exchange that came to its end.
pub fn succeed(io: &Io, flight: &Flight, answer: &Answer<'_>, version: Version) -> (Timings, Nanos) {
    let status = answer.status;
    let stamps = flight.progress.stamps.get();
    let last_byte = if stamps.last_byte == 0 { clock::now() } else { stamps.last_byte };
    let timings = stamps.timings(last_byte);
    let (sent, received) = flight.bytes();
    let expected = is_expected(status) || flight.challenge.get() == Challenge::Came;
    let error_code = if status >= 400 && !expected { 1000 + status.min(599) } else { 0 };
    let tags = flight.tags.get();
    let failed = (!expected).then(|| flight.fallen(Failed::for_status(status, error_code), last_byte));
    io.record(&HttpSample { tags, status, expected, error_code, error: "", version, timings, sent, received, failed });
    io.note_answer(answer);
    io.record_taken(&stamps);
    (timings, last_byte)
}

/// The head of an answer whose body will be taken piece by piece: recorded when that ends.
pub fn begun(io: &Io, request: &Request, target: &Target, flight: &Flight, reader: &Reader) -> Box<Outcome> {
    for (_, cookie) in headers(reader.head()).iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
        io.users().store_cookie(request, cookie, &target.url);
    }
    let stamps = flight.progress.stamps.get();
    Box::new(Outcome {
        status: reader.status,
        version: reader.version(),
        raw: Bytes::copy_from_slice(reader.head()),
        head_length: reader.head().len(),
        timings: stamps.timings(stamps.last_byte),
        last_byte: stamps.last_byte,
        ..Outcome::default()
    })
}

/// Note what has come of an answer that will never be whole.
pub fn note_part(io: &Io, flight: &Flight) {
    let Some(reader) = flight.progress.unfinished.take() else { return };
    let (part, encoded) = (Answer::of(&reader, false), reader.encoded);
    let (raw, head) = reader.into_raw();
    let raw = Bytes::from(raw);
    // Of what is compressed a part says nothing.
    let body = if encoded { None } else { evidence::Body::behind(head, &raw, part.announced) };
    io.note_part(flight.tags.get(), &Answer { body, ..part });
}

/// Record an exchange whose time is over.
pub fn time_out(io: &Io, flight: &Flight) -> Box<Outcome> {
    flight.doubt_carrier(clock::now());
    fail(io, flight, Failure::timeout(flight.progress.phase.get()))
}

/// Record an exchange that failed now.
pub fn fail(io: &Io, flight: &Flight, failure: Failure) -> Box<Outcome> {
    let now = clock::now();
    let stamps = flight.progress.stamps.get();
    let timings = stamps.timings(now);
    let (sent, received) = flight.bytes();
    note_part(io, flight);
    let failed = Failed::without_answer(&failure, stamps.first_byte > 0);
    io.record(&HttpSample {
        tags: flight.tags.get(),
        status: 0,
        expected: false,
        error_code: failure.code,
        error: &failure.text,
        version: Version::default(),
        timings,
        sent,
        received,
        failed: Some(flight.fallen(failed, now)),
    });
    io.record_taken(&stamps);
    Box::new(Outcome { failure: Some(Box::new(failure)), timings, last_byte: now, ..Outcome::default() })
}
