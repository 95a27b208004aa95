//! What was measured: histograms, series, frames, totals.
//!
//! ```text
//!   Recorder (one a thread, deltas) ── Frame (one a second) ──► Totals (the run, merged)
//! ```
//!
//! Nothing is measured twice: every number that is shown is a sum over series. It opens no
//! file, and reads a clock only to stamp samples that are kept one by one.

pub mod builtin;
mod encoding;
pub mod frame;
pub mod hidden;
pub mod histogram;
pub mod lines;
pub mod metric;
mod octaves;
pub mod recorder;
pub mod samples;
mod series;
pub mod tags;
pub mod totals;
pub mod wire;

pub use histogram::Histogram;
pub use metric::{Contains, Kind, Metric, MetricId};
pub use recorder::{Recorder, SeriesId, Sink};
pub use tags::{Interner, Tags, TagsId};

#[cfg(test)]
mod recorder_tests;
