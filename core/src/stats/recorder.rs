//! What one thread measures between two frames.

use super::histogram::Histogram;
use super::samples::Kept;
use super::tags::{Interner, Kind, MetricId, TagsId};
use crate::clock;
use rustc_hash::FxHashMap;

/// One metric under one set of tags, in one recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SeriesId(u32);

/// What became of one series' samples.
#[derive(Clone, Debug)]
pub enum Sink {
    Counter(f64),
    Gauge { last: f64, min: f64, max: f64 },
    Rate { trues: u64, total: u64 },
    Trend(Histogram),
}

impl Sink {
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter => Sink::Counter(0.0),
            Kind::Gauge => Sink::Gauge { last: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY },
            Kind::Rate => Sink::Rate { trues: 0, total: 0 },
            Kind::Trend => Sink::Trend(Histogram::default()),
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Sink::Counter(_) => Kind::Counter,
            Sink::Gauge { .. } => Kind::Gauge,
            Sink::Rate { .. } => Kind::Rate,
            Sink::Trend(_) => Kind::Trend,
        }
    }

    pub fn add(&mut self, value: f64) {
        match self {
            Sink::Counter(sum) => *sum += value,
            Sink::Gauge { last, min, max } => {
                *last = value;
                *min = min.min(value);
                *max = max.max(value);
            }
            Sink::Rate { trues, total } => {
                *trues += u64::from(value != 0.0);
                *total += 1;
            }
            Sink::Trend(histogram) => {
                histogram.record(value);
            }
        }
    }

    /// Add what another of the same kind saw; a gauge takes the other's last value.
    pub fn merge(&mut self, other: &Sink) {
        match (self, other) {
            (Sink::Counter(sum), Sink::Counter(more)) => *sum += more,
            (Sink::Gauge { last, min, max }, Sink::Gauge { last: newer, min: low, max: high }) => {
                *last = *newer;
                *min = min.min(*low);
                *max = max.max(*high);
            }
            (Sink::Rate { trues, total }, Sink::Rate { trues: more_trues, total: more }) => {
                *trues += more_trues;
                *total += more;
            }
            (Sink::Trend(histogram), Sink::Trend(more)) => histogram.merge(more),
            _ => {}
        }
    }

    fn reset(&mut self) {
        match self {
            // Keeps its octaves: what was measured in this second will be in the next.
            Sink::Trend(histogram) => histogram.clear(),
            other => *other = Sink::new(other.kind()),
        }
    }
}

struct Series {
    metric: MetricId,
    tags: TagsId,
    touched: bool,
    /// Values of a trend that are not in its histogram yet. A histogram is spread over memory; to
    /// put in many values at once finds it in the processor's cache.
    pending: Vec<f64>,
    sink: Sink,
}

/// So many values wait to be put into a histogram at once.
const PENDING: usize = 128;

impl Series {
    fn add(&mut self, value: f64) {
        // Most phases on a kept connection take no time: a zero is counted and waits for nothing.
        if value == 0.0 || !matches!(self.sink, Sink::Trend(_)) {
            return self.sink.add(value);
        }
        self.pending.push(value);
        if self.pending.len() == PENDING {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if let Sink::Trend(histogram) = &mut self.sink {
            for value in self.pending.drain(..) {
                histogram.record(value);
            }
        }
    }
}

#[derive(Default)]
pub struct Recorder {
    series: Vec<Series>,
    ids: FxHashMap<(MetricId, TagsId), SeriesId>,
    touched: Vec<SeriesId>,
    /// Samples one by one, where somebody wants each.
    kept: Option<Vec<Kept>>,
}

impl Recorder {
    /// Keep each sample from here on, besides what its series makes of it.
    pub fn keep_samples(&mut self) {
        self.kept.get_or_insert_default();
    }

    pub fn keeps_samples(&self) -> bool {
        self.kept.is_some()
    }

    /// Keep a sample whose series is told of it by `fold`.
    pub fn keep(&mut self, series: SeriesId, wall_ns: u64, value: f64) {
        if let Some(kept) = self.kept.as_mut().filter(|_| value.is_finite()) {
            kept.push(Kept { series, wall_ns, value });
        }
    }

    /// What has been kept since the last time.
    pub fn take_kept(&mut self) -> Vec<Kept> {
        self.kept.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub fn described(&self, id: SeriesId) -> (MetricId, TagsId) {
        let series = &self.series[id.0 as usize];
        (series.metric, series.tags)
    }

    /// The series of `metric` under `tags`. Callers on a hot path keep the answer.
    pub fn series(&mut self, metric: MetricId, tags: TagsId, interner: &Interner) -> SeriesId {
        *self.ids.entry((metric, tags)).or_insert_with(|| {
            let sink = Sink::new(interner.describe(metric).kind);
            self.series.push(Series { metric, tags, touched: false, pending: Vec::new(), sink });
            SeriesId(self.series.len() as u32 - 1)
        })
    }

    pub fn add(&mut self, id: SeriesId, value: f64) {
        if self.keeps_samples() {
            self.keep(id, clock::wall(), value);
        }
        self.fold(id, value);
    }

    /// Add `value`, or the sum of many, to its series alone.
    pub fn fold(&mut self, id: SeriesId, value: f64) {
        self.touch(id).add(value);
    }

    /// Add many values at once to their series alone.
    pub fn fold_all(&mut self, id: SeriesId, values: impl Iterator<Item = f64>) {
        let sink = &mut self.touch(id).sink;
        values.for_each(|value| sink.add(value));
    }

    fn touch(&mut self, id: SeriesId) -> &mut Series {
        let series = &mut self.series[id.0 as usize];
        if !series.touched {
            series.touched = true;
            self.touched.push(id);
        }
        series
    }

    /// Give away what was measured since the last time, series by series, and begin anew.
    pub fn take(&mut self, mut give: impl FnMut(MetricId, TagsId, &Sink)) {
        for id in self.touched.drain(..) {
            let series = &mut self.series[id.0 as usize];
            series.touched = false;
            series.settle();
            give(series.metric, series.tags, &series.sink);
            series.sink.reset();
        }
    }
}
