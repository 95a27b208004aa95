//! Metrics and tag sets as small numbers, so that recording never touches a string.
//!
//! Ask it when a series is opened, and keep the answer. What a script makes up without end (names
//! with an id in them, metrics in a loop) is put together under `(other)` beyond a limit: memory
//! stays bounded, totals stay exact. It never forgets a set, and holds no samples.

use super::builtin;
pub use super::metric::{Contains, Kind, Metric, MetricId};
use rustc_hash::FxHashMap;

/// A set of tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagsId(u32);

impl TagsId {
    pub const EMPTY: TagsId = TagsId(0);
}

/// Tags sorted by key.
pub type Tags = Vec<(String, String)>;

/// So many tag sets are kept apart; each costs some kilobytes in every metric it is used with.
pub const MOST_TAG_SETS: usize = 4096;
/// So many metrics are told apart; one of each kind takes what is over. Numbers have 16 bits.
pub const MOST_METRICS: usize = 65_000;
/// Where what is over goes.
pub const OTHER: &str = "(other)";

/// Our own keys of values that a script or the world makes up: they become `(other)` first.
const FREE: [&str; 3] = ["name", "url", "error"];
/// Those of values that a script chooses, few as a rule: `(other)` when there are twice too many.
const CHOSEN: [&str; 3] = ["check", "group", "method"];
/// Those of few values, whatever a script does; unless it overwrites them: the third limit.
const FEW: [&str; 7] = ["scenario", "status", "error_code", "expected_response", "proto", "phase", "tls_version"];

/// Gives metrics and tag sets their numbers. Lives behind a lock; recording does not need it.
pub struct Interner {
    metrics: Vec<Metric>,
    metric_ids: FxHashMap<String, MetricId>,
    sets: Vec<Tags>,
    set_ids: FxHashMap<Tags, TagsId>,
    most: usize,
    overflowed: bool,
}

impl Default for Interner {
    fn default() -> Self {
        Self::with_limit(MOST_TAG_SETS)
    }
}

impl Interner {
    /// One that puts tag sets together when there are `most`.
    pub fn with_limit(most: usize) -> Self {
        let mut interner = Self {
            metrics: Vec::new(),
            metric_ids: FxHashMap::default(),
            sets: Vec::new(),
            set_ids: FxHashMap::default(),
            most,
            overflowed: false,
        };
        interner.new_set(Tags::new());
        for (name, kind, contains) in builtin::ALL {
            interner.new_metric(name, *kind, *contains);
        }
        interner
    }

    /// The metric called `name`; `kind` and `contains` count only when it is new.
    pub fn metric(&mut self, name: &str, kind: Kind, contains: Contains) -> MetricId {
        if let Some(id) = self.metric_ids.get(name) {
            return *id;
        }
        if self.metrics.len() < MOST_METRICS {
            return self.new_metric(name, kind, contains);
        }
        self.overflowed = true;
        let other = format!("{OTHER} {}", kind.name());
        match self.metric_ids.get(&other) {
            Some(id) => *id,
            None => self.new_metric(&other, kind, Contains::Default),
        }
    }

    fn new_metric(&mut self, name: &str, kind: Kind, contains: Contains) -> MetricId {
        let id = MetricId(self.metrics.len() as u16);
        self.metrics.push(Metric { name: name.to_owned(), kind, contains });
        self.metric_ids.insert(name.to_owned(), id);
        id
    }

    pub fn describe(&self, id: MetricId) -> &Metric {
        &self.metrics[id.0 as usize]
    }

    pub fn tags(&self, id: TagsId) -> &Tags {
        &self.sets[id.0 as usize]
    }

    /// The tags of `base` and `more`; a key that both have takes `more`'s value.
    pub fn with(&mut self, base: TagsId, more: &[(&str, &str)]) -> TagsId {
        let mut tags = self.tags(base).clone();
        for (key, value) in more {
            match tags.binary_search_by(|(other, _)| other.as_str().cmp(key)) {
                Ok(at) => (*value).clone_into(&mut tags[at].1),
                Err(at) => tags.insert(at, ((*key).to_owned(), (*value).to_owned())),
            }
        }
        // From one limit to the next fewer tags keep their values, until almost no sets are left
        // that would be new: totals stay exact, and memory bounded against any script.
        for (times, kept) in (1..).zip([&[CHOSEN.as_slice(), &FEW][..], &[&FEW], &[]]) {
            if self.set_ids.contains_key(&tags) || self.sets.len() < self.most * times {
                break;
            }
            self.overflowed = true;
            put_together(&mut tags, kept);
        }
        match self.set_ids.get(&tags) {
            Some(id) => *id,
            None => self.new_set(tags),
        }
    }

    fn new_set(&mut self, tags: Tags) -> TagsId {
        let id = TagsId(self.sets.len() as u32);
        self.sets.push(tags.clone());
        self.set_ids.insert(tags, id);
        id
    }

    /// Whether tag sets or metrics were put together for being too many.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }
}

/// Drop a user's tags; of ours, those that are not `kept` become `(other)`.
fn put_together(tags: &mut Tags, kept: &[&[&str]]) {
    let ours = [FREE.as_slice(), &CHOSEN, &FEW];
    let among = |groups: &[&[&str]], key: &str| groups.iter().any(|keys| keys.contains(&key));
    tags.retain(|(key, _)| among(&ours, key));
    for (_, value) in tags.iter_mut().filter(|(key, _)| !among(kept, key)) {
        OTHER.clone_into(value);
    }
}

#[cfg(test)]
#[path = "tags_tests.rs"]
mod tests;
