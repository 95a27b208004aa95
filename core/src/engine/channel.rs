//! The stream between this worker and the coordinator.
//!
//! A message is a little-endian u32 (the length of what follows), one byte (its kind), a payload.
//! The I/O thread holds it, so that a worker whose Python is stuck still sends its frames, and
//! still notices that its coordinator is gone.

use std::cell::RefCell;
use std::future::{poll_fn, Future};
use std::io;
use std::os::fd::{FromRawFd, RawFd};
use std::pin::pin;
use std::task::Poll;
use tokio::net::UnixStream;
use tokio::sync::Notify;

/// Longer messages are a broken peer.
const MESSAGE_LIMIT: usize = 256 << 20;

pub struct Channel {
    stream: UnixStream,
    outgoing: RefCell<Outgoing>,
    incoming: RefCell<Vec<u8>>,
    /// The socket has not taken all: whoever waits for messages has to wait for that too.
    stuck: Notify,
}

/// Bytes to send, and how many of them have been.
#[derive(Default)]
struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outgoing {
    fn is_empty(&self) -> bool {
        self.sent == self.bytes.len()
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
    }
}

impl Channel {
    /// Takes over the socket `fd`.
    pub fn new(fd: RawFd) -> io::Result<Self> {
        // SAFETY: the caller hands the descriptor over and does not use it again.
        let stream = unsafe { std::os::unix::net::UnixStream::from_raw_fd(fd) };
        stream.set_nonblocking(true)?;
        let stream = UnixStream::from_std(stream)?;
        Ok(Self { stream, outgoing: RefCell::default(), incoming: RefCell::default(), stuck: Notify::new() })
    }

    /// Queue a message and send what the socket takes at once.
    pub fn send(&self, kind: u8, payload: &[u8]) {
        {
            let mut out = self.outgoing.borrow_mut();
            out.bytes.extend_from_slice(&(payload.len() as u32 + 1).to_le_bytes());
            out.bytes.push(kind);
            out.bytes.extend_from_slice(payload);
        }
        self.push();
    }

    fn push(&self) {
        let mut out = self.outgoing.borrow_mut();
        while !out.is_empty() {
            match self.stream.try_write(&out.bytes[out.sent..]) {
                Ok(count) => out.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // What was sent is given back once it is the larger half: moving the rest is then cheap.
                    let sent = out.sent;
                    if sent > out.bytes.len() / 2 {
                        out.bytes.drain(..sent);
                        out.sent = 0;
                    }
                    return self.stuck.notify_one();
                }
                // The coordinator is gone: the reading side notices and ends the worker.
                Err(_) => break,
            }
        }
        out.clear();
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
            let (mut stream, mut stuck) = (pin!(self.stream.ready(interest)), pin!(self.stuck.notified()));
            let ready = poll_fn(|context| match interest.is_writable() {
                // Something was queued while we waited for reading only: wait for both.
                false if stuck.as_mut().poll(context).is_ready() => Poll::Ready(None),
                _ => stream.as_mut().poll(context).map(Some),
            });
            let Some(ready) = ready.await else {
                continue;
            };
            let ready = ready.ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::IntoRawFd;
    use std::os::unix::net::UnixStream as Blocking;
    use std::time::Duration;

    /// More than any socket takes at once.
    const LARGE: usize = 8 << 20;

    #[test]
    fn what_the_socket_did_not_take_follows_while_the_worker_only_waits() {
        let (ours, mut theirs) = Blocking::pair().unwrap();
        let coordinator = std::thread::spawn(move || {
            let mut all = vec![0; 5 + LARGE];
            theirs.read_exact(&mut all).unwrap();
            theirs.write_all(b"\x01\0\0\0Q").unwrap();
            all
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let channel = Channel::new(ours.into_raw_fd()).unwrap();
            let mut receiving = pin!(channel.receive());
            let waits = poll_fn(|context| Poll::Ready(receiving.as_mut().poll(context).is_pending())).await;
            assert!(waits);
            channel.send(b'L', &vec![7; LARGE]);
            let answer = tokio::time::timeout(Duration::from_secs(20), receiving).await;
            assert_eq!(answer.unwrap(), Some((b'Q', Vec::new())));
        });
        let all = coordinator.join().unwrap();
        assert_eq!(all[4], b'L');
        assert!(all[5..].iter().all(|byte| *byte == 7));
    }
}
