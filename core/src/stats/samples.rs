//! Samples one by one, for outputs that want each of them (`--out json`): kept only where a run asks.
//!
//! What a worker sends of them is self-contained bytes: the version; the series that occur, each with
//! name, kind, contains and tags; then for each sample its series, when it was taken, and its value.

use super::metric::{Contains, Kind, Metric};
use super::recorder::{Recorder, SeriesId};
use super::series::{self, Series};
use super::tags::{Interner, Tags};
use super::wire::{put_float, put_uint, Bytes};
use rustc_hash::FxHashMap;

const VERSION: u8 = 1;

/// One sample, of a series of the recorder that keeps it.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    pub series: SeriesId,
    pub wall_ns: u64,
    pub value: f64,
}

/// Samples as they were read, in the order in which they were taken.
#[derive(Debug, Default)]
pub struct Samples {
    pub series: Vec<Series>,
    /// (index of the series, nanoseconds since 1970, value)
    pub taken: Vec<(usize, u64, f64)>,
}

impl Samples {
    /// One sample without tags; `None` for a kind of metric that does not exist.
    pub fn of_one(metric: &str, kind: &str, wall_ns: u64, value: f64) -> Option<Self> {
        let metric = Metric { name: metric.to_owned(), kind: Kind::from_name(kind)?, contains: Contains::Default };
        Some(Self { series: vec![Series { metric, tags: Tags::new() }], taken: vec![(0, wall_ns, value)] })
    }
}

/// Write what `recorders` have kept since the last time. False, and nothing written, if that is nothing.
pub fn write(out: &mut Vec<u8>, recorders: &mut [&mut Recorder], interner: &Interner) -> bool {
    let kept: Vec<Vec<Kept>> = recorders.iter_mut().map(|recorder| recorder.take_kept()).collect();
    if kept.iter().all(Vec::is_empty) {
        return false;
    }
    let mut places = FxHashMap::default();
    let mut occurring = Vec::new();
    let mut samples = Vec::new();
    for (at, recorder) in recorders.iter().enumerate() {
        for sample in &kept[at] {
            let place = *places.entry((at, sample.series)).or_insert_with(|| {
                occurring.push(recorder.described(sample.series));
                occurring.len() - 1
            });
            put_uint(&mut samples, place as u64);
            put_uint(&mut samples, sample.wall_ns);
            put_float(&mut samples, sample.value);
        }
    }
    out.push(VERSION);
    put_uint(out, occurring.len() as u64);
    for (metric, tags) in occurring {
        series::put(out, interner.describe(metric), interner.tags(tags));
    }
    out.append(&mut samples);
    true
}

/// Read what `write` wrote; `None` for anything else.
pub fn read(bytes: &[u8]) -> Option<Samples> {
    let mut bytes = Bytes(bytes);
    if bytes.byte()? != VERSION {
        return None;
    }
    let mut samples = Samples::default();
    for _ in 0..bytes.uint()? {
        samples.series.push(series::read(&mut bytes)?);
    }
    while !bytes.0.is_empty() {
        let place = usize::try_from(bytes.uint()?).ok()?;
        samples.series.get(place)?;
        samples.taken.push((place, bytes.uint()?, bytes.finite()?));
    }
    // Two threads took them; each one's are in order.
    samples.taken.sort_by_key(|(_, wall_ns, _)| *wall_ns);
    Some(samples)
}

#[cfg(test)]
#[path = "samples_tests.rs"]
mod tests;
