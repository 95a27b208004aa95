//! One request and its answer on a stream of their own.

use super::failure;
use super::head;
use super::link::{Link, Permit};
use super::traffic::{Traffic, Written};
use crate::clock;
use crate::http::body::Body;
use crate::http::exchange::{is_redirect, Reading, Sending};
use crate::http::reader::{Expect, Message, Reader};
use crate::http::stamps::Progress;
use crate::net::failure::{Failure, Phase};
use bytes::Bytes;
use h2::{RecvStream, SendStream};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use tokio::task::JoinHandle;

/// So much of a body is with `h2` at a time.
pub const CHUNK: usize = 128 * 1024;

/// What came of an exchange.
pub enum Exchanged {
    Whole(Message),
    /// The head has come, and perhaps some of the body: asked for by `Expect::head_only`.
    Head {
        reader: Reader,
        rest: Incoming,
    },
}

/// The rest of an answer, which is still to come. Dropped before its end it is cut off: RST_STREAM with CANCEL, and
/// the connection lives on.
pub struct Incoming {
    body: RecvStream,
    sent: Sent,
    ended: bool,
    permit: Permit,
}

/// A request on its way out, or what has become of it.
#[derive(Default)]
struct Sent {
    written: Written,
    upload: Option<JoinHandle<()>>,
    failure: Rc<RefCell<Option<Failure>>>,
}

impl Drop for Sent {
    fn drop(&mut self) {
        if let Some(upload) = &self.upload {
            upload.abort();
        }
    }
}

/// Tells an exchange's progress, when it ends however it ends, when it was written.
struct Account<'a> {
    progress: &'a Progress,
    written: Written,
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        note_written(self.progress, &self.written);
    }
}

fn note_written(progress: &Progress, written: &Written) {
    if written.get() > 0 {
        progress.stamp(|stamps| stamps.write.1 = written.get());
        if progress.phase.get() == Phase::Write {
            progress.phase.set(Phase::Wait);
        }
    }
}

pub async fn exchange(
    link: &Rc<Link>,
    progress: &Progress,
    sending: &Sending<'_>,
    expect: Expect,
) -> Result<Exchanged, Failure> {
    let request = head::request(sending)?;
    // It is not sent yet, and its connection may have been made long ago.
    progress.phase.set(Phase::Prepare);
    let permit = link.room().await?;
    progress.phase.set(Phase::Write);
    let traffic = link.traffic.clone();
    let mut sent = Sent::default();
    let _account = Account { progress, written: sent.written.clone() };
    let began = clock::now();
    let (response, stream) = link.send(request, sending.body.is_empty())?;
    progress.stamp(|stamps| stamps.write.0 = began);
    sent.go(stream, sending.body, &traffic);
    let answer = match response.await {
        Ok(answer) => answer,
        Err(error) => return Err(sent.why(&error, &traffic, false)),
    };
    arrived(&traffic, progress, &sent.written);
    let (parts, body) = answer.into_parts();
    let reader = head::reader(expect, parts.status.as_u16(), &parts.headers)?;
    let mut reading = Reading::new(reader, progress);
    let mut rest = Incoming { ended: body.is_end_stream(), body, sent, permit };
    if expect.head_only && !is_redirect(reading.reader.status) {
        return Ok(Exchanged::Head { reader: reading.take(), rest });
    }
    while !rest.ended {
        rest.read_on(progress, &mut reading.reader).await?;
    }
    Ok(Exchanged::Whole(reading.take().ended().finish()))
}

/// Something of the answer has come.
fn arrived(traffic: &Traffic, progress: &Progress, written: &Written) {
    traffic.was_asked.set(false);
    progress.phase.set(Phase::Read);
    progress.stamp(|stamps| {
        let at = traffic.read_at.get().max(stamps.write.0).max(stamps.last_byte);
        stamps.write.1 = written.get();
        if stamps.first_byte == 0 {
            stamps.first_byte = at;
        }
        stamps.last_byte = at;
    });
}

impl Incoming {
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Take what has come next of the body, or of what is behind it.
    pub async fn read_on(&mut self, progress: &Progress, reader: &mut Reader) -> Result<(), Failure> {
        let traffic = self.permit.link.traffic.clone();
        match poll_fn(|context| self.body.poll_data(context)).await {
            Some(Ok(bytes)) => {
                arrived(&traffic, progress, &self.sent.written);
                traffic.taken.set(traffic.taken.get() + bytes.len() as u64);
                // Fails for a stream that has ended meanwhile, and then there is nothing to give back.
                let _ = self.body.flow_control().release_capacity(bytes.len());
                reader.feed(&bytes)?;
                self.ended = self.body.is_end_stream();
            }
            Some(Err(error)) => return Err(self.sent.why(&error, &traffic, true)),
            None => {
                let trailers = self.body.trailers().await;
                if let Some(map) = trailers.map_err(|error| self.sent.why(&error, &traffic, true))? {
                    arrived(&traffic, progress, &self.sent.written);
                    reader.trailers = head::trailers(&map);
                }
                self.ended = true;
            }
        }
        Ok(())
    }

    /// Have `progress` know of what was written meanwhile.
    pub fn note_written(&self, progress: &Progress) {
        note_written(progress, &self.sent.written);
    }
}

impl Sent {
    /// Send the body: at once if there is room for all of it, else as room comes, in a task of its own. A server may
    /// answer meanwhile, and go on reading.
    fn go(&mut self, mut stream: SendStream<Bytes>, body: &Body, traffic: &Rc<Traffic>) {
        if body.is_empty() {
            return traffic.await_write(&self.written);
        }
        if let Body::Whole(bytes) = body {
            if bytes.len() <= CHUNK {
                stream.reserve_capacity(bytes.len());
                if stream.capacity() >= bytes.len() {
                    // What goes wrong here, the answer tells.
                    let _ = stream.send_data(bytes.clone(), true);
                    return traffic.await_write(&self.written);
                }
            }
        }
        let (body, traffic) = (body.clone(), traffic.clone());
        let (written, failure) = (self.written.clone(), self.failure.clone());
        self.upload = Some(tokio::task::spawn_local(async move {
            match upload(&mut stream, &body).await {
                Ok(true) => traffic.await_write(&written),
                Ok(false) => {}
                Err(error) => {
                    failure.replace(Some(error));
                    stream.send_reset(h2::Reason::CANCEL);
                }
            }
        }));
    }

    fn phase(&self, begun: bool) -> Phase {
        match (begun, self.written.get()) {
            (true, _) => Phase::Read,
            (false, 0) => Phase::Write,
            (false, _) => Phase::Wait,
        }
    }

    fn why(&self, error: &h2::Error, traffic: &Traffic, begun: bool) -> Failure {
        self.failure.take().unwrap_or_else(|| failure::of(error, traffic, self.phase(begun), begun))
    }
}

/// Send a body piece by piece, as the server gives room; false if it wants no more of it.
async fn upload(stream: &mut SendStream<Bytes>, body: &Body) -> Result<bool, Failure> {
    let (length, mut at) = (body.len(), 0);
    while at < length {
        let mut chunk = body.chunk(at).map_err(|error| Failure::socket(Phase::Write, &error))?;
        while !chunk.is_empty() {
            stream.reserve_capacity(chunk.len().min(CHUNK));
            let room = match stream.capacity() {
                0 => match poll_fn(|context| stream.poll_capacity(context)).await {
                    Some(Ok(room)) => room,
                    _ => return Ok(false),
                },
                room => room,
            };
            let part = chunk.split_to(room.min(chunk.len()));
            at += part.len() as u64;
            if stream.send_data(part, at == length).is_err() {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_fails_says_how_far_it_had_come() {
        let sent = Sent::default();
        let reset = h2::Error::from(h2::Reason::INTERNAL_ERROR);
        let phase = |begun| sent.why(&reset, &Traffic::default(), begun).phase;
        assert_eq!((phase(false), phase(true)), (Phase::Write, Phase::Read));
        sent.written.set(5);
        assert_eq!((phase(false), phase(true)), (Phase::Wait, Phase::Read));
    }
}
