//! Our connection as `h2` wants one: read with stamps, one read of the socket in each of its turns.

use super::failure;
use super::traffic::Traffic;
use crate::net::connection::{Connection, Wire};
use crate::net::failure::Failure;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{ready, Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So much of what lies apart goes out in one write.
const ONE_WRITE: usize = 64 * 1024;

pub struct Pipe {
    connection: Connection,
    wire: Rc<Wire>,
    traffic: Rc<Traffic>,
}

impl Pipe {
    pub fn new(connection: Connection, wire: Rc<Wire>, traffic: Rc<Traffic>) -> Self {
        Self { connection, wire, traffic }
    }

    fn note_bytes(&self) {
        self.traffic.bytes.set((self.connection.sent, self.connection.received));
    }

    fn fail(&self, failure: Failure) -> io::Error {
        let error = failure::as_io(&failure);
        self.traffic.failure.borrow_mut().get_or_insert(failure);
        error
    }

    fn write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.connection.poll_write(context, bytes);
        self.note_bytes();
        self.traffic.is_full.set(written.is_pending());
        let written = ready!(written);
        self.traffic.has_written.set(true);
        Poll::Ready(written.map_err(|failure| self.fail(failure)))
    }
}

impl AsyncRead for Pipe {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // Streams take the stamp of the read that brought their frames: they come first before there is another.
        if this.traffic.has_read.get() && !this.connection.holds_plaintext() && this.connection.is_disturbed() {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let wire = this.wire.clone();
        let mut input = wire.input.borrow_mut();
        let most = room.remaining().min(input.len());
        let earliest = this.traffic.read_at.get();
        let read = ready!(this.connection.poll_read(context, &mut input[..most], &wire, earliest));
        this.note_bytes();
        let (count, at) = read.map_err(|failure| this.fail(failure))?;
        this.traffic.has_read.set(true);
        this.traffic.read_at.set(at);
        let bytes = &input[..count];
        this.traffic.look(bytes).map_err(|trouble| this.fail(failure::trouble(trouble)))?;
        room.put_slice(bytes);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().write(context, bytes)
    }

    /// A frame's head and its payload lie apart.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let wire = this.wire.clone();
        let out = &mut *wire.output.borrow_mut();
        out.clear();
        for part in parts {
            let room = ONE_WRITE - out.len();
            out.extend_from_slice(&part[..part.len().min(room)]);
        }
        this.write(context, out)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// The connection keeps nothing back.
    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
