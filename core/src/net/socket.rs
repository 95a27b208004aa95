//! A non-blocking TCP socket on the I/O thread's reactor, read with stamps.

use crate::clock::{Nanos, WallBridge};
use crate::net::stamp;
use socket2::{Domain, Protocol, SockAddr, Type};
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::task::{ready, Context, Poll, Waker};
use tokio::io::unix::AsyncFd;

pub struct Socket {
    fd: AsyncFd<socket2::Socket>,
}

impl Socket {
    pub async fn connect(address: SocketAddr) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        stamp::enable(socket.as_raw_fd());
        let under_way = match socket.connect(&SockAddr::from(address)) {
            Ok(()) => false,
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => true,
            Err(error) => return Err(error),
        };
        // SAFETY: the descriptor is owned by what is registered, and stays open until it is deregistered.
        let fd = unsafe { AsyncFd::register(socket)? };
        if under_way {
            fd.writable().await?.retain_ready();
            if let Some(error) = fd.get_ref().take_error()? {
                return Err(error);
            }
        }
        Ok(Self { fd })
    }

    /// Read what is there; 0 bytes are the peer's end. The stamp is never before `earliest`.
    pub fn poll_receive(
        &self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
        bridge: &WallBridge,
        earliest: Nanos,
    ) -> Poll<io::Result<(usize, Nanos)>> {
        loop {
            let mut guard = ready!(self.fd.poll_read_ready(context))?;
            match stamp::receive(self.fd.as_raw_fd(), buffer, bridge, earliest) {
                Ok((count, at)) => {
                    // A short read emptied the socket: the next event will tell of more, and the
                    // read that would only say "nothing" is saved. An end of stream stays ready.
                    if count < buffer.len() {
                        guard.clear_ready();
                    }
                    return Poll::Ready(Ok((count, at)));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => guard.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    pub fn poll_send(&self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // There nearly always is room: asking the reactor first would cost more than trying.
        match self.fd.get_ref().send(bytes) {
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            result => return Poll::Ready(result),
        }
        loop {
            let mut guard = ready!(self.fd.poll_write_ready(context))?;
            match self.fd.get_ref().send(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => guard.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }

    /// Whether anything came since the last read: bytes nobody asked for, or the peer's end.
    pub fn is_disturbed(&self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.fd.poll_read_ready(&mut context).is_ready()
    }

    /// Close with a reset instead of a farewell, for exchanges that were cut off.
    pub fn abort_on_close(&self) {
        let _ = self.fd.get_ref().set_linger(Some(std::time::Duration::ZERO));
    }
}
