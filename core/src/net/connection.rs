//! One connection of one user: a socket, encrypted or not, read with stamps.

use crate::clock::{Nanos, WallBridge};
use crate::net::failure::{code, Failure, Phase};
use crate::net::socket::Socket;
use crate::net::tls;
use rustls::ClientConnection;
use std::cell::RefCell;
use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;
use std::task::{ready, Context, Poll};

/// What all connections of one I/O thread share. One buffer of a kind serves them all, because
/// none is left half-used across a wait: an idle connection holds no buffer.
pub struct Wire {
    pub bridge: WallBridge,
    pub input: RefCell<Box<[u8]>>,
    pub output: RefCell<Vec<u8>>,
    cipher: RefCell<Box<[u8]>>,
}

impl Default for Wire {
    fn default() -> Self {
        let buffer = |size| RefCell::new(vec![0; size].into_boxed_slice());
        Self {
            bridge: WallBridge::default(),
            input: buffer(64 * 1024),
            output: RefCell::default(),
            cipher: buffer(32 * 1024),
        }
    }
}

pub struct Connection {
    socket: Socket,
    tls: Option<Box<ClientConnection>>,
    /// Plaintext that the TLS session has taken and not yet sent in full.
    accepted: usize,
    /// Decrypted bytes that the TLS session had no room for, and how many of them are taken.
    surplus: (Vec<u8>, usize),
    last_read: Nanos,
    /// It leads to a proxy that asks in our name: header lines that it wants.
    pub forward: Option<Arc<str>>,
    pub id: u64,
    pub born: Nanos,
    pub idle_since: Nanos,
    /// Exchanges begun on it.
    pub uses: u32,
    /// Bytes of the socket, encryption included, since the connection was made.
    pub received: u64,
    pub sent: u64,
}

impl Connection {
    pub fn new(socket: Socket, id: u64, born: Nanos) -> Self {
        Self {
            socket,
            tls: None,
            accepted: 0,
            surplus: (Vec::new(), 0),
            last_read: born,
            forward: None,
            id,
            born,
            idle_since: born,
            uses: 0,
            received: 0,
            sent: 0,
        }
    }

    pub async fn encrypt(&mut self, session: ClientConnection, wire: &Wire) -> Result<(), Failure> {
        self.tls = Some(Box::new(session));
        std::future::poll_fn(|context| self.poll_handshake(context, wire)).await
    }

    pub fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Whether TLS' handshake has settled on HTTP/2.
    pub fn speaks_http2(&self) -> bool {
        self.tls.as_ref().is_some_and(|session| session.alpn_protocol() == Some(b"h2"))
    }

    /// Whether something was read and decrypted that nobody has taken.
    pub fn holds_plaintext(&mut self) -> bool {
        let session = self.tls.as_mut();
        !self.surplus.0.is_empty()
            || session.is_some_and(|session| session.reader().fill_buf().is_ok_and(|bytes| !bytes.is_empty()))
    }

    /// Whether the peer said something, or left, while nobody was reading.
    pub fn is_disturbed(&self) -> bool {
        self.socket.is_disturbed()
    }

    pub fn abort_on_close(&self) {
        self.socket.abort_on_close();
    }

    fn poll_handshake(&mut self, context: &mut Context<'_>, wire: &Wire) -> Poll<Result<(), Failure>> {
        loop {
            ready!(self.poll_flush(context, Phase::Tls))?;
            let handshaking = self.tls.as_ref().is_some_and(|session| session.is_handshaking());
            if !handshaking {
                return Poll::Ready(Ok(()));
            }
            if ready!(self.poll_decrypt(context, wire, 0, Phase::Tls))? == 0 {
                let end = Failure::new(code::TLS, Phase::Tls, "tls: connection closed during the handshake");
                return Poll::Ready(Err(end));
            }
        }
    }

    /// Send what the TLS session has ready.
    fn poll_flush(&mut self, context: &mut Context<'_>, phase: Phase) -> Poll<Result<(), Failure>> {
        let Some(session) = self.tls.as_mut() else {
            return Poll::Ready(Ok(()));
        };
        while session.wants_write() {
            match session.write_tls(&mut Outlet { socket: &self.socket, context }) {
                Ok(count) => self.sent += count as u64,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(Failure::socket(phase, &error))),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Feed the TLS session one read of the socket; gives the number of encrypted bytes.
    fn poll_decrypt(
        &mut self,
        context: &mut Context<'_>,
        wire: &Wire,
        earliest: Nanos,
        phase: Phase,
    ) -> Poll<Result<usize, Failure>> {
        let mut cipher = wire.cipher.borrow_mut();
        let read = ready!(self.socket.poll_receive(context, &mut cipher, &wire.bridge, earliest));
        let (count, at) = read.map_err(|error| Failure::socket(phase, &error))?;
        self.received += count as u64;
        self.last_read = at;
        let Some(session) = self.tls.as_mut() else {
            return Poll::Ready(Ok(count));
        };
        let mut rest = &cipher[..count];
        while !rest.is_empty() {
            let taken = session.read_tls(&mut rest).map_err(|error| Failure::socket(phase, &error))?;
            let processed = session.process_new_packets();
            if let Err(error) = processed {
                // An alert that names the reason may be waiting to go out.
                let _ = session.write_tls(&mut Outlet { socket: &self.socket, context });
                return Poll::Ready(Err(tls::failure(&error)));
            }
            if taken == 0 {
                break;
            }
            // rustls takes no more while 16 KiB wait to be read.
            while !rest.is_empty() {
                let plain = session.reader().into_first_chunk();
                let Ok(plain @ [_, ..]) = plain else { break };
                self.surplus.0.extend_from_slice(plain);
                let count = plain.len();
                session.reader().consume(count);
            }
        }
        Poll::Ready(Ok(count))
    }

    /// Read decrypted bytes; 0 is the peer's end. The stamp is that of the packet that completed them.
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        wire: &Wire,
        earliest: Nanos,
    ) -> Poll<Result<(usize, Nanos), Failure>> {
        if self.tls.is_none() {
            let read = ready!(self.socket.poll_receive(context, buffer, &wire.bridge, earliest));
            let (count, at) = read.map_err(|error| Failure::socket(Phase::Read, &error))?;
            self.received += count as u64;
            return Poll::Ready(Ok((count, at)));
        }
        loop {
            if !self.surplus.0.is_empty() {
                let (bytes, taken) = &mut self.surplus;
                let count = buffer.len().min(bytes.len() - *taken);
                buffer[..count].copy_from_slice(&bytes[*taken..*taken + count]);
                *taken += count;
                if *taken == bytes.len() {
                    self.surplus = (Vec::new(), 0);
                }
                return Poll::Ready(Ok((count, self.last_read.max(earliest))));
            }
            if let Some(session) = self.tls.as_mut() {
                match session.reader().read(buffer) {
                    Ok(count) => return Poll::Ready(Ok((count, self.last_read.max(earliest)))),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // The end without a farewell (RFC 8446 6.1): framing decides what it means.
                    Err(_) => return Poll::Ready(Ok((0, self.last_read.max(earliest)))),
                }
            }
            if ready!(self.poll_decrypt(context, wire, earliest, Phase::Read))? == 0 {
                return Poll::Ready(Ok((0, self.last_read)));
            }
        }
    }

    /// Write some of `bytes`. After `Pending` it must be called again with the same bytes.
    pub fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize, Failure>> {
        if self.tls.is_none() {
            let sent = ready!(self.socket.poll_send(context, bytes));
            let count = sent.map_err(|error| Failure::socket(Phase::Write, &error))?;
            self.sent += count as u64;
            return Poll::Ready(Ok(count));
        }
        if self.accepted == 0 {
            if let Some(session) = self.tls.as_mut() {
                let taken = session.writer().write(bytes);
                self.accepted = taken.map_err(|error| Failure::socket(Phase::Write, &error))?;
            }
        }
        ready!(self.poll_flush(context, Phase::Write))?;
        Poll::Ready(Ok(std::mem::take(&mut self.accepted)))
    }
}

/// Where the TLS session writes to.
struct Outlet<'a, 'b> {
    socket: &'a Socket,
    context: &'a mut Context<'b>,
}

impl Write for Outlet<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.socket.poll_send(self.context, bytes) {
            Poll::Ready(result) => result,
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
