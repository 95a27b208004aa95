//! The I/O thread: takes orders from user code, moves bytes, records what happened.
//!
//! ```text
//!   user code ── orders ──► I/O thread ── completions ──► user code
//!                              │ one frame a second
//!                              ▼
//!                         coordinator (channel)
//! ```
//!
//! It never holds the interpreter's lock and runs no user code. `bridge` is the other side.

mod channel;
mod connect;
mod digest;
mod download;
mod ending;
mod flight;
mod frames;
mod generator;
mod hit;
mod inbox;
mod io;
mod lanes;
mod pace;
mod record;
mod request;
mod samples;
mod session;
mod shared;
mod slots;
mod stream;
mod thread;
mod users;
mod websocket;

pub use digest::Credentials;
pub use flight::{Completion, Order, Outcome, Request, Token};
pub use hit::Hit;
pub use record::HttpSample;
pub use shared::{Settings, Shared};
pub use stream::{Act, End, Flow, Piece, StreamId, Streaming};
pub use thread::spawn;
pub use websocket::Upgrade;
