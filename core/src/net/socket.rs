//! A non-blocking TCP socket on the I/O thread's reactor, read with stamps.

use crate::clock::{Nanos, WallBridge};
use crate::net::ports::{Lease, Ports};
use crate::net::stamp;
use socket2::{Domain, Protocol, SockAddr, Type};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::rc::Rc;
use std::task::{ready, Context, Poll, Waker};
use tokio::io::unix::AsyncFd;

pub struct Socket {
    fd: AsyncFd<socket2::Socket>,
    /// Its port; `None` for a socket in the file system.
    _lease: Option<Lease>,
}

/// Have a bound socket's port chosen when it connects, so that more than 28,000 fit on one address.
fn choose_port_late(socket: &socket2::Socket) {
    #[cfg(target_os = "linux")]
    // SAFETY: sets an integer option from a live integer; an old kernel refuses, and then the port is chosen now.
    unsafe {
        let on: libc::c_int = 1;
        let size = std::mem::size_of_val(&on) as libc::socklen_t;
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_IP, libc::IP_BIND_ADDRESS_NO_PORT, (&raw const on).cast(), size);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
}

impl Socket {
    /// Connect to `address`, from `local` if one is given.
    pub async fn connect(address: SocketAddr, local: Option<IpAddr>, ports: &Rc<Ports>) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_tcp_nodelay(true)?;
        if let Some(local) = local {
            choose_port_late(&socket);
            socket.bind(&SockAddr::from(SocketAddr::new(local, 0)))?;
        }
        let lease = ports.lease(local, address);
        Self::connected(socket, &SockAddr::from(address), Some(lease)).await
    }

    /// Connect to a socket in the file system.
    pub async fn connect_unix(path: &Path) -> io::Result<Self> {
        Self::connected(socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?, &SockAddr::unix(path)?, None).await
    }

    async fn connected(socket: socket2::Socket, address: &SockAddr, lease: Option<Lease>) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        stamp::enable(socket.as_raw_fd());
        let under_way = match socket.connect(address) {
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
        Ok(Self { fd, _lease: lease })
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
