//! What arrives piece by piece: a WebSocket's messages, a body that is not kept whole. Pieces go to user
//! code as they come, and no faster than it takes them.

use super::flight::Token;
use super::io::Io;
use super::websocket::Upgrade;
use crate::http::websocket::Opcode;
use crate::net::failure::Failure;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

/// With more bytes than this on their way to user code, the socket is not read; the peer's window fills
/// and the peer must wait, as it would for a slow client.
const MOST: u64 = 1 << 20;

/// A stream's name on both sides.
pub type StreamId = u64;

/// How much of a stream is between the threads.
#[derive(Debug, Default)]
pub struct Flow {
    /// Bytes that user code has not taken.
    arriving: AtomicU64,
    /// Bytes that user code has sent and the socket has not taken.
    leaving: AtomicU64,
}

impl Flow {
    pub fn arrive(&self, bytes: usize) {
        self.arriving.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// User code took a piece. True if the socket may be read again and was not before.
    pub fn take(&self, bytes: usize) -> bool {
        let before = self.arriving.fetch_sub(bytes as u64, Ordering::Relaxed);
        before > MOST && before - bytes as u64 <= MOST
    }

    pub fn may_arrive(&self) -> bool {
        self.arriving.load(Ordering::Relaxed) <= MOST
    }

    /// User code sends. True if it should wait before it sends more.
    pub fn leave(&self, bytes: usize) -> bool {
        self.leaving.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64 > MOST
    }

    /// The socket took bytes. True if user code may send more.
    pub fn left(&self, bytes: usize) -> bool {
        self.leaving.fetch_sub(bytes as u64, Ordering::Relaxed) - bytes as u64 <= MOST
    }
}

/// What a request asks for besides an answer.
#[derive(Clone)]
pub enum Streaming {
    WebSocket(Upgrade),
    /// The body piece by piece.
    Body(StreamId, Arc<Flow>),
}

/// What user code wants of an open stream.
pub enum Act {
    /// With a token, tell when there is room for more.
    Send(Opcode, Vec<u8>, Option<Token>),
    Ping(Token),
    Close(u16, String),
    /// User code has caught up: read on.
    ReadOn,
    /// No farewell: close at once.
    Cut,
}

/// A stream as the orders of user code reach it.
pub trait Stream {
    fn act(self: Rc<Self>, io: &Io, act: Act);
}

/// A piece of a stream, or its end.
#[derive(Debug)]
pub enum Piece {
    Text(String),
    Bytes(Vec<u8>),
    End(Box<End>),
}

impl Piece {
    pub fn length(&self) -> usize {
        match self {
            Piece::Text(text) => text.len(),
            Piece::Bytes(bytes) => bytes.len(),
            Piece::End(_) => 0,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct End {
    /// A WebSocket's close code (RFC 6455, 7.4); 0 for a body.
    pub code: u16,
    pub reason: String,
    /// What came behind a body.
    pub trailers: Vec<(String, String)>,
    /// Why it did not end as it should.
    pub failure: Option<Failure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_read_on_when_user_code_has_caught_up_and_told_so_once() {
        let flow = Flow::default();
        flow.arrive(MOST as usize);
        assert!(flow.may_arrive());
        flow.arrive(10);
        assert!(!flow.may_arrive());
        assert!(!flow.take(5));
        assert!(flow.take(5) && flow.may_arrive());
        assert!(!flow.take(5));
    }

    #[test]
    fn who_sends_faster_than_the_socket_takes_must_wait() {
        let flow = Flow::default();
        assert!(!flow.leave(MOST as usize));
        assert!(flow.leave(1));
        assert!(!flow.left(0) && flow.left(1));
    }
}
