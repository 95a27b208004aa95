//! The whole run, merged from frames. Every question is answered by a sum over series.

use super::frame::{self, Head};
use super::recorder::Sink;
use super::tags::{Metric, Tags};
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Totals {
    metrics: BTreeMap<String, Entry>,
}

struct Entry {
    metric: Metric,
    series: BTreeMap<Tags, Sink>,
}

impl Totals {
    /// Add a frame; `None`, and nothing added, when `bytes` are none.
    pub fn merge(&mut self, bytes: &[u8]) -> Option<Head> {
        let (head, deltas) = frame::read(bytes)?;
        for delta in deltas {
            self.add(delta.metric, delta.tags, &delta.sink);
        }
        Some(head)
    }

    pub fn add(&mut self, metric: Metric, tags: Tags, sink: &Sink) {
        let entry = self
            .metrics
            .entry(metric.name.clone())
            .or_insert_with(|| Entry {
                metric,
                series: BTreeMap::new(),
            });
        // A metric keeps the kind it was first seen with.
        if entry.metric.kind == sink.kind() {
            entry
                .series
                .entry(tags)
                .or_insert_with(|| Sink::new(sink.kind()))
                .merge(sink);
        }
    }

    pub fn metrics(&self) -> impl Iterator<Item = &Metric> {
        self.metrics.values().map(|entry| &entry.metric)
    }

    pub fn series(&self, metric: &str) -> impl Iterator<Item = &Tags> {
        self.metrics
            .get(metric)
            .into_iter()
            .flat_map(|entry| entry.series.keys())
    }

    /// The sum over the series of `metric` that carry all of `tags`; `None` when there is none.
    pub fn select(&self, metric: &str, tags: &[(String, String)]) -> Option<Sink> {
        let entry = self.metrics.get(metric)?;
        let carries = |set: &Tags| tags.iter().all(|tag| set.contains(tag));
        let mut found = entry
            .series
            .iter()
            .filter(|(set, _)| carries(set))
            .map(|(_, sink)| sink)
            .peekable();
        found.peek()?;
        let mut sum = Sink::new(entry.metric.kind);
        found.for_each(|sink| sum.merge(sink));
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tags::{Contains, Kind};
    use super::*;

    fn metric(name: &str, kind: Kind) -> Metric {
        Metric {
            name: name.to_owned(),
            kind,
            contains: Contains::Default,
        }
    }

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_selection_is_the_sum_of_the_series_that_carry_its_tags() {
        let mut totals = Totals::default();
        for (status, count) in [("200", 5.0), ("500", 2.0)] {
            totals.add(
                metric("http_reqs", Kind::Counter),
                tags(&[("name", "/a"), ("status", status)]),
                &Sink::Counter(count),
            );
        }
        let count = |pairs: &[(&str, &str)]| match totals.select("http_reqs", &tags(pairs)) {
            Some(Sink::Counter(count)) => Some(count),
            _ => None,
        };
        assert_eq!(count(&[]), Some(7.0));
        assert_eq!(count(&[("status", "500")]), Some(2.0));
        assert_eq!(count(&[("status", "404")]), None);
    }

    #[test]
    fn bytes_that_are_no_frame_change_nothing() {
        let mut totals = Totals::default();
        assert!(totals.merge(b"nonsense").is_none());
        assert_eq!(totals.metrics().count(), 0);
    }
}
