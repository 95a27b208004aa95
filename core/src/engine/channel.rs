//! The stream between this worker and the coordinator.
//!
//! A message is a little-endian u32 (the length of what follows), one byte (its kind), a payload.
//! The I/O thread holds it, so that a worker whose Python is stuck still sends its frames, and
//! still notices that its coordinator is gone.

use std::cell::RefCell;
use std::io;
use std::os::fd::{FromRawFd, RawFd};
use tokio::net::UnixStream;

/// Longer messages are a broken peer.
const MESSAGE_LIMIT: usize = 256 << 20;

pub struct Channel {
    stream: UnixStream,
    outgoing: RefCell<Vec<u8>>,
    incoming: RefCell<Vec<u8>>,
}

impl Channel {
    /// Takes over the socket `fd`.
    pub fn new(fd: RawFd) -> io::Result<Self> {
        // SAFETY: the caller hands the descriptor over and does not use it again.
        let stream = unsafe { std::os::unix::net::UnixStream::from_raw_fd(fd) };
        stream.set_nonblocking(true)?;
        Ok(Self { stream: UnixStream::from_std(stream)?, outgoing: RefCell::default(), incoming: RefCell::default() })
    }

    /// Queue a message and send what the socket takes at once.
    pub fn send(&self, kind: u8, payload: &[u8]) {
        {
            let mut out = self.outgoing.borrow_mut();
            out.extend_from_slice(&(payload.len() as u32 + 1).to_le_bytes());
            out.push(kind);
            out.extend_from_slice(payload);
        }
        self.push();
    }

    fn push(&self) {
        let mut out = self.outgoing.borrow_mut();
        while !out.is_empty() {
            match self.stream.try_write(&out) {
                Ok(count) => drop(out.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // The coordinator is gone: the reading side notices and ends the worker.
                Err(_) => out.clear(),
            }
        }
    }

    /// Send the rest, waiting for the coordinator at most `patience`.
    pub fn push_out(&self, patience: std::time::Duration) {
        let until = std::time::Instant::now() + patience;
        while !self.outgoing.borrow().is_empty() && std::time::Instant::now() < until {
            self.push();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// The next message; `None` when the coordinator is gone.
    pub async fn receive(&self) -> Option<(u8, Vec<u8>)> {
        loop {
            if let Some(message) = self.next_message()? {
                return Some(message);
            }
            let interest = match self.outgoing.borrow().is_empty() {
                true => tokio::io::Interest::READABLE,
                false => tokio::io::Interest::READABLE | tokio::io::Interest::WRITABLE,
            };
            // A frame that is queued while we wait for reading only is pushed by the next one.
            let ready = self.stream.ready(interest).await.ok()?;
            if ready.is_writable() {
                self.push();
            }
            if ready.is_readable() {
                let mut bytes = [0u8; 16 * 1024];
                match self.stream.try_read(&mut bytes) {
                    Ok(0) => return None,
                    Ok(count) => self.incoming.borrow_mut().extend_from_slice(&bytes[..count]),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return None,
                }
            }
        }
    }

    /// A whole message out of what has been read; outer `None` for a broken peer.
    fn next_message(&self) -> Option<Option<(u8, Vec<u8>)>> {
        let mut incoming = self.incoming.borrow_mut();
        let Some(head) = incoming.first_chunk::<4>() else {
            return Some(None);
        };
        let length = u32::from_le_bytes(*head) as usize;
        if length == 0 || length > MESSAGE_LIMIT {
            return None;
        }
        if incoming.len() < 4 + length {
            return Some(None);
        }
        let payload = incoming[5..4 + length].to_vec();
        let kind = incoming[4];
        incoming.drain(..4 + length);
        Some(Some((kind, payload)))
    }
}
