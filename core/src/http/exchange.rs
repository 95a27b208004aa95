//! One request and its response on one connection.

use crate::clock;
use crate::http::body::Body;
use crate::http::reader::{Expect, Message, Progress as Fed, Reader};
use crate::http::stamps::Progress;
use crate::http::target::Target;
use crate::net::connection::{Connection, Wire};
use crate::net::failure::{Failure, Phase};
use bytes::{Buf, Bytes};
use std::future::poll_fn;
use std::task::Poll;

/// Bodies up to this size go out in one write with their head.
const ONE_WRITE: usize = 64 * 1024;

pub struct Sending<'a> {
    pub target: &'a Target,
    /// The value of the Cookie header, empty for none.
    pub cookie: &'a str,
    /// Header lines of this one exchange, each with its line's end.
    pub more: &'a str,
    pub body: &'a Body,
}

impl Sending<'_> {
    /// `forward`: to a proxy, which wants the whole URL (RFC 9112, 3.2.2) and these header lines.
    fn write_head(&self, out: &mut Vec<u8>, forward: Option<&str>) {
        match forward {
            None => out.extend_from_slice(&self.target.head),
            Some(lines) => {
                let (method, rest) = self.target.head.split_at(self.target.method.len() + 1);
                out.extend_from_slice(method);
                let origin = &self.target.origin;
                out.extend_from_slice(format!("http://{}:{}", origin.host, origin.port).as_bytes());
                out.extend_from_slice(rest);
                out.extend_from_slice(lines.as_bytes());
            }
        }
        if !self.cookie.is_empty() {
            out.extend_from_slice(b"Cookie: ");
            out.extend_from_slice(self.cookie.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(self.more.as_bytes());
        if self.tells_length() {
            out.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Whether we say how long the body is. RFC 9110, 8.6: a method that has a meaning for content says when there
    /// is none.
    pub fn tells_length(&self) -> bool {
        let expects_body = matches!(&*self.target.method, "POST" | "PUT" | "PATCH");
        (!self.body.is_empty() || expects_body) && !self.target.has_header("content-length")
    }
}

/// What came of an exchange.
pub enum Exchanged {
    Whole {
        message: Message,
        /// Whether the connection may be used again.
        reusable: bool,
        /// What came behind an answer that changes the protocol (101).
        leftover: Vec<u8>,
    },
    /// The head has come, and perhaps some of the body: asked for by `Expect::head_only`.
    Head {
        reader: Reader,
        /// The body is whole; whether the connection may be used again.
        ended: Option<bool>,
    },
}

pub async fn exchange(
    connection: &mut Connection,
    wire: &Wire,
    progress: &Progress,
    sending: &Sending<'_>,
    expect: Expect,
) -> Result<Exchanged, Failure> {
    let before = (connection.sent, connection.received);
    connection.uses += 1;
    let mut reading = Reading::new(Reader::new(expect), progress);
    let mut early = false;
    progress.phase.set(Phase::Write);
    let rest = send(connection, wire, progress, sending).await?;
    if let Some(rest) = rest {
        early = send_rest(connection, wire, progress, &mut reading.reader, rest, sending.body).await?;
    }
    let written = clock::now();
    progress.stamp(|stamps| stamps.write.1 = written);
    progress.phase.set(Phase::Wait);
    loop {
        progress.traffic.set((connection.sent - before.0, connection.received - before.1));
        if early && reading.reader.is_complete() {
            return Ok(whole(reading.take(), false));
        }
        let count = receive(connection, wire, progress).await?;
        progress.traffic.set((connection.sent - before.0, connection.received - before.1));
        if count == 0 {
            reading.reader.end()?;
            return Ok(whole(reading.take(), false));
        }
        let reader = &mut reading.reader;
        let read = reader.feed(&wire.input.borrow()[..count])?;
        if expect.head_only && reader.has_head() && !is_redirect(reader.status) {
            let ended = match read {
                Fed::Done { leftover } => Some(reader.keep_alive() && leftover == 0 && !early),
                Fed::More => None,
            };
            return Ok(Exchanged::Head { reader: reading.take(), ended });
        }
        if let Fed::Done { leftover } = read {
            let behind = if reader.status == 101 { leftover } else { 0 };
            let rest = wire.input.borrow()[count - behind..count].to_vec();
            let reusable = reader.keep_alive() && leftover == 0 && !early;
            return Ok(Exchanged::Whole { message: reading.take().finish(), reusable, leftover: rest });
        }
    }
}

/// Reads an answer. If the exchange fails, runs out of time or is cut off, what has come is left with its progress.
pub struct Reading<'a> {
    pub reader: Reader,
    progress: &'a Progress,
}

impl<'a> Reading<'a> {
    pub fn new(reader: Reader, progress: &'a Progress) -> Self {
        Self { reader, progress }
    }

    pub fn take(&mut self) -> Reader {
        let blank = Reader::new(self.reader.expect);
        std::mem::replace(&mut self.reader, blank)
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        if self.reader.has_head() {
            let reader = self.take();
            self.progress.unfinished.replace(Some(Box::new(reader)));
        }
    }
}

fn whole(reader: Reader, reusable: bool) -> Exchanged {
    Exchanged::Whole { message: reader.finish(), reusable, leftover: Vec::new() }
}

/// RFC 9110, 15.4.
pub fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// One read into the shared input buffer, stamped; 0 bytes are the peer's end.
async fn receive(connection: &mut Connection, wire: &Wire, progress: &Progress) -> Result<usize, Failure> {
    let stamps = progress.stamps.get();
    let earliest = stamps.write.0.max(stamps.last_byte);
    let read = poll_fn(|context| connection.poll_read(context, &mut wire.input.borrow_mut(), wire, earliest));
    let (count, at) = read.await?;
    arrived(progress, count, at);
    Ok(count)
}

/// Ask a proxy to lead on: gives the status of its answer. What comes behind that is not ours to read.
pub async fn tunnel(connection: &mut Connection, wire: &Wire, head: &[u8]) -> Result<u16, Failure> {
    let mut rest = head;
    while !rest.is_empty() {
        let count = poll_fn(|context| connection.poll_write(context, rest)).await?;
        rest = &rest[count..];
    }
    let mut reader = Reader::new(Expect { head: true, discard_body: true, body_limit: 0, head_only: false });
    loop {
        let read = poll_fn(|context| connection.poll_read(context, &mut wire.input.borrow_mut(), wire, 0));
        let (count, _) = read.await?;
        if count == 0 {
            return Err(Failure::ended("proxy: the connection ended before it was answered"));
        }
        let read = reader.feed(&wire.input.borrow()[..count]);
        match read.map_err(|failure| failure.at("proxy"))? {
            Fed::Done { leftover: 0 } => return Ok(reader.status),
            // A refusal may have a body: the connection is of no use anyway.
            Fed::Done { .. } if reader.status >= 300 => return Ok(reader.status),
            Fed::Done { .. } => return Err(Failure::protocol("proxy: it spoke before it was asked to")),
            Fed::More => {}
        }
    }
}

/// Read once more of a body whose head has come. At its end: whether the connection may be used again.
pub async fn read_on(
    connection: &mut Connection,
    wire: &Wire,
    progress: &Progress,
    reader: &mut Reader,
) -> Result<Option<bool>, Failure> {
    let before = connection.received;
    let count = receive(connection, wire, progress).await?;
    let (sent, received) = progress.traffic.get();
    progress.traffic.set((sent, received + connection.received - before));
    if count == 0 {
        return reader.end().map(|()| Some(false));
    }
    match reader.feed(&wire.input.borrow()[..count])? {
        Fed::Done { leftover } => Ok(Some(reader.keep_alive() && leftover == 0)),
        Fed::More => Ok(None),
    }
}

fn arrived(progress: &Progress, count: usize, at: clock::Nanos) {
    if count > 0 {
        progress.phase.set(Phase::Read);
        progress.stamp(|stamps| {
            if stamps.first_byte == 0 {
                stamps.first_byte = at;
            }
            stamps.last_byte = at;
        });
    }
}

/// The usual request goes out in one write. What the socket would not take comes back.
async fn send(
    connection: &mut Connection,
    wire: &Wire,
    progress: &Progress,
    sending: &Sending<'_>,
) -> Result<Option<Vec<u8>>, Failure> {
    poll_fn(|context| {
        let out = &mut *wire.output.borrow_mut();
        out.clear();
        sending.write_head(out, connection.forward.as_deref());
        let whole = sending.body.small(ONE_WRITE);
        out.extend_from_slice(whole.unwrap_or_default());
        let began = clock::now();
        progress.stamp(|stamps| stamps.write.0 = began);
        let sent = match connection.poll_write(context, out) {
            Poll::Ready(Ok(count)) => count,
            Poll::Ready(Err(failure)) => return Poll::Ready(Err(failure)),
            Poll::Pending => 0,
        };
        let done = whole.is_some() && sent == out.len();
        Poll::Ready(Ok((!done).then(|| out[sent..].to_vec())))
    })
    .await
}

/// Send the rest of the head and body. A server may answer before it has read all (a 413,
/// say): then sending stops, its answer counts, and true comes back.
async fn send_rest(
    connection: &mut Connection,
    wire: &Wire,
    progress: &Progress,
    reader: &mut Reader,
    rest: Vec<u8>,
    body: &Body,
) -> Result<bool, Failure> {
    // A small body went out with the head, or is in `rest`.
    let mut at = if body.small(ONE_WRITE).is_some() { body.len() } else { 0 };
    let mut part = Bytes::from(rest);
    loop {
        while !part.is_empty() {
            let step = poll_fn(|context| {
                if let Poll::Ready(sent) = connection.poll_write(context, &part) {
                    return Poll::Ready(sent.map(Step::Sent));
                }
                let input = &mut wire.input.borrow_mut();
                let earliest = progress.stamps.get().write.0;
                connection.poll_read(context, input, wire, earliest).map_ok(|(count, at)| Step::Answered(count, at))
            });
            match step.await? {
                Step::Sent(count) => part.advance(count),
                Step::Answered(0, _) => {
                    return Err(Failure::ended("EOF while the request was being sent"));
                }
                Step::Answered(count, at) => {
                    arrived(progress, count, at);
                    reader.feed(&wire.input.borrow()[..count])?;
                    return Ok(true);
                }
            }
        }
        part = body.chunk(at).map_err(|error| Failure::socket(Phase::Write, &error))?;
        if part.is_empty() {
            return Ok(false);
        }
        at += part.len() as u64;
    }
}

enum Step {
    Sent(usize),
    Answered(usize, clock::Nanos),
}
