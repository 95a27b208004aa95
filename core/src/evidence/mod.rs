//! What exchanges were like, besides their numbers: how they failed, and what answers held.
//!
//! Told once a second in the notes of a frame, in constant memory. It opens no socket and reads no
//! clock; why it keeps what it keeps, and what that costs: docs/decisions/0008-evidence-of-exchanges.md.

mod answer;
mod answers;
mod bodies;
mod counting;
pub mod failures;
mod fingerprint;
mod items;
pub mod kind;
mod names;
mod sampler;
mod secrets;
mod sizes;

pub use answer::{Answer, Body};
pub use answers::{AnswerId, Answers};
pub use failures::{Carrier, Failed, Failures};
pub use kind::FailureKind;
pub use names::{NameId, Names};
