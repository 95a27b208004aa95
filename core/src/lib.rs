//! Sonagi's core: what must be fast or exactly timed.
//!
//! One worker is one process with two threads: the I/O thread ([`engine`]) and the thread of user
//! code, which Python runs ([`bridge`]). Nothing below `bridge` knows of Python.

pub mod clock;
pub mod engine;
pub mod evidence;
pub mod http;
pub mod http2;
pub mod net;
pub mod sched;
pub mod stats;
pub mod timer;
pub mod usage;
pub mod wake;

#[cfg(feature = "python")]
mod bridge;
