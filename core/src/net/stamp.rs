//! Reading a socket with the time at which the kernel got the bytes.
//!
//! Linux stamps each packet on arrival (SO_TIMESTAMPNS, socket(7)); recvmsg(2) hands out the
//! stamp of the last packet it copied from. Elsewhere the stamp is the time of the read itself.

use crate::clock::{self, Nanos, WallBridge};
use std::io;
use std::os::fd::RawFd;

/// Whose clock stamped the bytes that were read: `"kernel"` or `"thread"`.
pub const SOURCE: &str = if cfg!(target_os = "linux") { "kernel" } else { "thread" };

/// Ask for kernel stamps on `fd`. A refusal is no error: reads fall back to the thread's clock.
pub fn enable(fd: RawFd) {
    #[cfg(target_os = "linux")]
    {
        let on: libc::c_int = 1;
        // SAFETY: sets an integer option from a live integer.
        unsafe {
            libc::setsockopt(
                fd,
                libc::SOL_SOCKET,
                libc::SO_TIMESTAMPNS,
                (&on as *const libc::c_int).cast(),
                std::mem::size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = fd;
}

/// Read once without blocking. Gives the number of bytes and when the last of them arrived,
/// never before `earliest`.
#[cfg(target_os = "linux")]
pub fn receive(fd: RawFd, buffer: &mut [u8], bridge: &WallBridge, earliest: Nanos) -> io::Result<(usize, Nanos)> {
    // Room for one control message with a timespec; u64s for the alignment of cmsghdr.
    let mut control = [0u64; 8];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: a zeroed msghdr is valid; all pointers set below outlive the call.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = std::mem::size_of_val(&control) as _;
    let count = unsafe { libc::recvmsg(fd, &mut message, libc::MSG_DONTWAIT) };
    if count < 0 {
        return Err(io::Error::last_os_error());
    }
    let now = clock::now();
    // SAFETY: the kernel has filled in `message`; the CMSG macros stay inside `control`.
    let stamp = unsafe {
        let header = libc::CMSG_FIRSTHDR(&message);
        if header.is_null() || (*header).cmsg_level != libc::SOL_SOCKET || (*header).cmsg_type != libc::SCM_TIMESTAMPNS
        {
            None
        } else {
            let ts: libc::timespec = std::ptr::read_unaligned(libc::CMSG_DATA(header).cast());
            Some(ts.tv_sec as u64 * clock::SECOND + ts.tv_nsec as u64)
        }
    };
    let at = stamp.map_or(now, |wall| bridge.monotonic(wall, earliest, now));
    Ok((count as usize, at))
}

#[cfg(not(target_os = "linux"))]
pub fn receive(fd: RawFd, buffer: &mut [u8], _bridge: &WallBridge, _earliest: Nanos) -> io::Result<(usize, Nanos)> {
    // SAFETY: reads into a live buffer of the length that is given.
    let count = unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
    if count < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((count as usize, clock::now()))
}
