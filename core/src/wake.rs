//! A file descriptor that one thread writes to wake another that watches it.
//!
//! An eventfd on Linux, a pipe elsewhere. Wakes coalesce; they carry no data.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub struct WakeFd {
    reader: OwnedFd,
    /// The pipe's other end; `None` for an eventfd, which is both.
    writer: Option<OwnedFd>,
}

impl WakeFd {
    #[cfg(target_os = "linux")]
    pub fn new() -> io::Result<Self> {
        // SAFETY: a plain system call; the descriptor is ours from here on.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        let reader = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self { reader, writer: None })
    }

    #[cfg(not(target_os = "linux"))]
    pub fn new() -> io::Result<Self> {
        let mut ends = [0; 2];
        // SAFETY: fills in two descriptors, which are ours from here on.
        if unsafe { libc::pipe(ends.as_mut_ptr()) } < 0 {
            return Err(io::Error::last_os_error());
        }
        for fd in ends {
            // SAFETY: sets flags of a descriptor that we hold.
            unsafe {
                libc::fcntl(fd, libc::F_SETFL, libc::O_NONBLOCK);
                libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC);
            }
        }
        let [reader, writer] = ends.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
        Ok(Self { reader, writer: Some(writer) })
    }

    pub fn fd(&self) -> RawFd {
        self.reader.as_raw_fd()
    }

    pub fn wake(&self) {
        let fd = self.writer.as_ref().unwrap_or(&self.reader).as_raw_fd();
        let one = 1u64.to_ne_bytes();
        // A full pipe or counter means that the other side has a wake waiting: nothing is lost.
        // SAFETY: writes 8 bytes from a live array.
        unsafe { libc::write(fd, one.as_ptr().cast(), one.len()) };
    }

    /// Forget the wakes so far.
    pub fn clear(&self) {
        let mut bytes = [0u8; 64];
        // SAFETY: reads at most 64 bytes into a live array; the descriptor does not block.
        unsafe { libc::read(self.fd(), bytes.as_mut_ptr().cast(), if self.writer.is_some() { 64 } else { 8 }) };
    }
}
