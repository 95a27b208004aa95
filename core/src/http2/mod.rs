//! HTTP/2 by the crate `h2`: frames, header compression and flow control are its work; stamps, limits and the
//! words for what goes wrong are ours.

pub mod failure;
pub mod head;
pub mod link;
mod pings;
mod pipe;
pub mod stream;
mod traffic;
mod watch;

pub use link::Link;
pub use stream::{exchange, Exchanged, Incoming};
pub use traffic::Traffic;
