//! What was measured: histograms, series, frames, totals.
//!
//! ```text
//!   Recorder (one a thread, deltas) ── Frame (one a second) ──► Totals (the run, merged)
//! ```
//!
//! Nothing is measured twice: every number that is shown is a sum over series. It reads no clock.

pub mod builtin;
pub mod frame;
pub mod histogram;
pub mod recorder;
pub mod tags;
pub mod totals;
pub mod wire;

pub use histogram::Histogram;
pub use recorder::{Recorder, SeriesId};
pub use tags::{Contains, Interner, Kind, MetricId, TagsId};
