//! The whole run, merged from frames. Every question is answered by a sum over series.
//!
//! Frames may come in any order and from any number of workers. A gauge's last value is that of the
//! frame with the latest wall time. Memory goes with the number of series, not with time. It keeps no
//! single seconds.
//!
//! Frames bring the same series again each second, from each worker: their bytes are remembered, so that
//! names and tags are read once.

use super::frame::{self, Frame, Head, Malformed};
use super::recorder::Sink;
use super::series::{self, Series};
use super::tags::{Metric, Tags};
use super::wire::Bytes;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// When a frame was taken and by whom: wall time, and the worker should two be the same.
type Moment = (u64, u32);

/// The coordinator's own samples come after all frames of their time.
const COORDINATOR: u32 = u32::MAX;

#[derive(Default)]
pub struct Totals {
    metrics: BTreeMap<String, Entry>,
    totals: Vec<Total>,
    /// By a series' bytes in a frame: which total is its; none where its metric is of another kind.
    known: FxHashMap<Box<[u8]>, Option<usize>>,
    /// The latest wall time of any frame.
    latest: u64,
}

struct Entry {
    metric: Metric,
    /// Places in `totals`.
    series: BTreeMap<Tags, usize>,
}

struct Total {
    sink: Sink,
    /// The latest that was added.
    at: Moment,
}

impl Total {
    fn add(&mut self, sink: &Sink, at: Moment) {
        let newest = match self.sink {
            Sink::Gauge { last, .. } if at < self.at => Some(last),
            _ => None,
        };
        self.sink.merge(sink);
        if let (Some(newest), Sink::Gauge { last, .. }) = (newest, &mut self.sink) {
            *last = newest;
        }
        self.at = self.at.max(at);
    }
}

impl Totals {
    pub fn merge(&mut self, frame: &Frame) {
        let head = &frame.head;
        self.latest = self.latest.max(head.wall_ns);
        for delta in &frame.series {
            self.add_at(&delta.metric, &delta.tags, &delta.sink, (head.wall_ns, head.worker));
        }
    }

    /// Add the frame in `bytes`, or nothing where it is none.
    pub fn merge_bytes(&mut self, bytes: &[u8]) -> Result<Head, Malformed> {
        let (head, deltas) = frame::read_bare(bytes)?;
        let mut new = Vec::new();
        for (at, (key, _)) in deltas.iter().enumerate() {
            if !self.known.contains_key(*key) {
                let series = series::read(&mut Bytes(key)).ok_or(Malformed::Bytes)?;
                new.push((at, series));
            }
        }
        self.latest = self.latest.max(head.wall_ns);
        let moment = (head.wall_ns, head.worker);
        let mut begun = Vec::new();
        for (at, Series { metric, tags }) in new {
            let (key, sink) = &deltas[at];
            let place = self.place(&metric, &tags, sink, moment);
            if place.is_some_and(|(_, is_new)| is_new) {
                begun.push(at);
            }
            self.known.insert((*key).into(), place.map(|(place, _)| place));
        }
        for (at, (key, sink)) in deltas.iter().enumerate() {
            match self.known[*key] {
                Some(place) if begun.binary_search(&at).is_err() => self.totals[place].add(sink, moment),
                _ => {}
            }
        }
        Ok(head)
    }

    /// Add a delta of the coordinator's own; false when the metric is of another kind. `tags` are
    /// sorted by key.
    pub fn add(&mut self, metric: &Metric, tags: &Tags, sink: &Sink) -> bool {
        self.add_at(metric, tags, sink, (self.latest, COORDINATOR))
    }

    fn add_at(&mut self, metric: &Metric, tags: &Tags, sink: &Sink, at: Moment) -> bool {
        match self.place(metric, tags, sink, at) {
            Some((place, false)) => self.totals[place].add(sink, at),
            Some((_, true)) => {}
            None => return false,
        }
        true
    }

    /// Where the total of a series is, and whether it began with `sink` just now. A metric keeps the kind it was
    /// first seen with: of another kind there is none.
    fn place(&mut self, metric: &Metric, tags: &Tags, sink: &Sink, at: Moment) -> Option<(usize, bool)> {
        if !self.metrics.contains_key(&metric.name) {
            let entry = Entry { metric: metric.clone(), series: BTreeMap::new() };
            self.metrics.insert(metric.name.clone(), entry);
        }
        let entry = self.metrics.get_mut(&metric.name).filter(|entry| entry.metric.kind == sink.kind())?;
        if let Some(place) = entry.series.get(tags) {
            return Some((*place, false));
        }
        let place = self.totals.len();
        self.totals.push(Total { sink: sink.clone(), at });
        entry.series.insert(tags.clone(), place);
        Some((place, true))
    }

    /// Frames that add up to these totals, so that they can be kept: one for each moment at which a series
    /// was last added to, since sums and a gauge's last value go by that.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        let mut moments: BTreeMap<Moment, Vec<_>> = BTreeMap::from([((self.latest, 0), Vec::new())]);
        for Entry { metric, series } in self.metrics.values() {
            for (tags, place) in series {
                let total = &self.totals[*place];
                moments.entry(total.at).or_default().push((metric, tags, &total.sink));
            }
        }
        let frame = |((wall_ns, worker), series)| frame::of(&Head { worker, wall_ns, ..Head::default() }, series);
        moments.into_iter().map(frame).collect()
    }

    /// Every metric seen, by name.
    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.values().map(|entry| &entry.metric)
    }

    /// The tags of each series of `metric`.
    pub fn series(&self, metric: &str) -> impl Iterator<Item = &Tags> {
        self.metrics.get(metric).into_iter().flat_map(|entry| entry.series.keys())
    }

    /// The sum over the series of `metric` that carry all of `tags`; `None` when there is none. A
    /// gauge's last value is that of the series that was heard of last.
    pub fn select(&self, metric: &str, tags: &[(String, String)]) -> Option<Sink> {
        let entry = self.metrics.get(metric)?;
        let carries = |set: &Tags| tags.iter().all(|tag| set.contains(tag));
        let found = entry.series.iter().filter(|(set, _)| carries(set));
        let mut found: Vec<&Total> = found.map(|(_, place)| &self.totals[*place]).collect();
        found.sort_by_key(|total| total.at);
        let (first, rest) = found.split_first()?;
        let mut sum = first.sink.clone();
        rest.iter().for_each(|total| sum.merge(&total.sink));
        Some(sum)
    }
}

#[cfg(test)]
#[path = "totals_tests.rs"]
mod tests;
