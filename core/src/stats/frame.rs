//! What one worker measured in one second: self-contained, mergeable bytes.
//!
//! Version 2: the version, worker, sequence, both clocks, notes; then series, each behind a 1: name,
//! kind, contains, tags, delta; and a 0 at the end, so that a frame cut short is not taken for a
//! quiet second. A second that was lost takes no other with it. Bytes are read with suspicion: what
//! no worker writes is refused as a whole. It neither compresses nor signs.

use super::histogram::{Histogram, FULL_PRECISION};
use super::recorder::{Recorder, Sink};
use super::series::{self, Series};
use super::tags::{Interner, Kind, Metric, Tags};
use super::wire::{put_float, put_text, put_uint, Bytes};
use std::fmt;

pub const VERSION: u8 = 2;
/// No second has more samples: adding thousands of frames can't overflow.
const MOST_SAMPLES: u64 = 1 << 48;
const SERIES: u8 = 1;
const END: u8 = 0;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    pub worker: u32,
    pub sequence: u64,
    pub monotonic_ns: u64,
    pub wall_ns: u64,
    /// (kind, JSON): what is no series, such as exceptions and the generator's own state.
    pub notes: Vec<(String, String)>,
}

/// One series' second.
#[derive(Debug)]
pub struct Delta {
    pub metric: Metric,
    pub tags: Tags,
    pub sink: Sink,
}

#[derive(Debug)]
pub struct Frame {
    pub head: Head,
    /// A series may come more than once, from different recorders: they add up.
    pub series: Vec<Delta>,
}

/// Of each series its bytes (`series::skip`), which nobody has looked into, and its second.
pub type Bare<'a> = Vec<(&'a [u8], Sink)>;

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A frame, perhaps, of a version that this one does not read.
    Version(u8),
    /// Cut short, damaged, or something else.
    Bytes,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "a frame of version {version}, not {VERSION}"),
            Self::Bytes => f.write_str("not a frame"),
        }
    }
}

impl std::error::Error for Malformed {}

/// Write a frame of what `recorders` hold, and reset them.
pub fn write(out: &mut Vec<u8>, head: &Head, recorders: &mut [&mut Recorder], interner: &Interner) {
    put_head(out, head);
    for recorder in recorders {
        recorder.take(|metric, tags, sink| {
            put_delta(out, interner.describe(metric), interner.tags(tags), sink, FULL_PRECISION);
        });
    }
    out.push(END);
}

/// A frame's bytes with its histograms at `precision` bits a value, for keeping: at 7 (0.4 %) a busy
/// second of a trend takes about 1.1 KB. All else stays as it is.
pub fn fold(bytes: &[u8], precision: u8) -> Result<Vec<u8>, Malformed> {
    let frame = read(bytes)?;
    let mut out = Vec::with_capacity(bytes.len() / 4);
    put_head(&mut out, &frame.head);
    for delta in &frame.series {
        put_delta(&mut out, &delta.metric, &delta.tags, &delta.sink, precision);
    }
    out.push(END);
    Ok(out)
}

/// A frame of `series`, of whatever they were taken from; nothing is lost.
pub fn of<'a>(head: &Head, series: impl IntoIterator<Item = (&'a Metric, &'a Tags, &'a Sink)>) -> Vec<u8> {
    let mut out = Vec::new();
    put_head(&mut out, head);
    for (metric, tags, sink) in series {
        put_delta(&mut out, metric, tags, sink, FULL_PRECISION);
    }
    out.push(END);
    out
}

fn put_head(out: &mut Vec<u8>, head: &Head) {
    out.push(VERSION);
    put_uint(out, u64::from(head.worker));
    put_uint(out, head.sequence);
    put_uint(out, head.monotonic_ns);
    put_uint(out, head.wall_ns);
    put_uint(out, head.notes.len() as u64);
    for (kind, json) in &head.notes {
        put_text(out, kind);
        put_text(out, json);
    }
}

fn put_delta(out: &mut Vec<u8>, metric: &Metric, tags: &Tags, sink: &Sink, precision: u8) {
    out.push(SERIES);
    series::put(out, metric, tags);
    match sink {
        Sink::Counter(sum) => put_float(out, *sum),
        Sink::Gauge { last, min, max } => {
            [last, min, max].into_iter().for_each(|value| put_float(out, *value));
        }
        Sink::Rate { trues, total } => {
            [trues, total].into_iter().for_each(|value| put_uint(out, *value));
        }
        Sink::Trend(histogram) => histogram.encode(precision, out),
    }
}

/// Read a frame. Never panics, whatever the bytes.
pub fn read(bytes: &[u8]) -> Result<Frame, Malformed> {
    let mut bytes = begin(bytes)?;
    read_rest(&mut bytes).ok_or(Malformed::Bytes)
}

/// Read a frame's head; what follows it is not looked at.
pub fn read_head(bytes: &[u8]) -> Result<Head, Malformed> {
    let mut bytes = begin(bytes)?;
    head_of(&mut bytes).ok_or(Malformed::Bytes)
}

/// Read a frame without its series' names and tags.
pub fn read_bare(bytes: &[u8]) -> Result<(Head, Bare<'_>), Malformed> {
    let mut bytes = begin(bytes)?;
    read_bare_rest(&mut bytes).ok_or(Malformed::Bytes)
}

fn read_bare_rest<'a>(bytes: &mut Bytes<'a>) -> Option<(Head, Bare<'a>)> {
    let head = head_of(bytes)?;
    let mut deltas = Vec::new();
    loop {
        match bytes.byte()? {
            SERIES => {
                let (key, kind) = series::skip(bytes)?;
                deltas.push((key, read_sink(bytes, kind)?));
            }
            END => return bytes.0.is_empty().then_some((head, deltas)),
            _ => return None,
        }
    }
}

fn begin(bytes: &[u8]) -> Result<Bytes<'_>, Malformed> {
    let mut bytes = Bytes(bytes);
    match bytes.byte() {
        Some(VERSION) => Ok(bytes),
        Some(version) => Err(Malformed::Version(version)),
        None => Err(Malformed::Bytes),
    }
}

fn head_of(bytes: &mut Bytes<'_>) -> Option<Head> {
    let mut head = Head {
        worker: u32::try_from(bytes.uint()?).ok()?,
        sequence: bytes.uint()?,
        monotonic_ns: bytes.uint()?,
        wall_ns: bytes.uint()?,
        notes: Vec::new(),
    };
    for _ in 0..bytes.uint()? {
        head.notes.push((bytes.text()?, bytes.text()?));
    }
    Some(head)
}

fn read_rest(bytes: &mut Bytes<'_>) -> Option<Frame> {
    let head = head_of(bytes)?;
    let mut deltas = Vec::new();
    loop {
        match bytes.byte()? {
            SERIES => {
                let Series { metric, tags } = series::read(bytes)?;
                let sink = read_sink(bytes, metric.kind)?;
                deltas.push(Delta { metric, tags, sink });
            }
            END => return bytes.0.is_empty().then_some(Frame { head, series: deltas }),
            _ => return None,
        }
    }
}

fn read_sink(bytes: &mut Bytes<'_>, kind: Kind) -> Option<Sink> {
    match kind {
        Kind::Counter => Some(Sink::Counter(bytes.finite()?)),
        Kind::Gauge => {
            let (last, min, max) = (bytes.finite()?, bytes.finite()?, bytes.finite()?);
            (min <= last && last <= max).then_some(Sink::Gauge { last, min, max })
        }
        Kind::Rate => {
            let (trues, total) = (bytes.uint()?, bytes.uint()?);
            (trues <= total && total <= MOST_SAMPLES).then_some(Sink::Rate { trues, total })
        }
        Kind::Trend => {
            let histogram = Histogram::decode(bytes)?;
            (histogram.count() <= MOST_SAMPLES).then_some(Sink::Trend(histogram))
        }
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
