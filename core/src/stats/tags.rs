//! Metrics and tag sets as small numbers, so that recording never touches a string.

use super::builtin;
use rustc_hash::FxHashMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Counter,
    Gauge,
    Rate,
    Trend,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Counter, Kind::Gauge, Kind::Rate, Kind::Trend];

    pub fn name(self) -> &'static str {
        ["counter", "gauge", "rate", "trend"][self as usize]
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What a metric's values are: times are shown as times, bytes as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contains {
    Default,
    Time,
    Data,
}

impl Contains {
    pub const ALL: [Contains; 3] = [Contains::Default, Contains::Time, Contains::Data];

    pub fn name(self) -> &'static str {
        ["default", "time", "data"][self as usize]
    }

    pub fn from_name(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|contains| contains.name() == name)
            .unwrap_or(Contains::Default)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MetricId(pub u16);

/// A set of tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TagsId(u32);

impl TagsId {
    pub const EMPTY: TagsId = TagsId(0);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: String,
    pub kind: Kind,
    pub contains: Contains,
}

/// Tags sorted by key.
pub type Tags = Vec<(String, String)>;

/// So many tag sets are kept apart; each costs some kilobytes in every metric it is used with.
pub const MOST_TAG_SETS: usize = 4096;
/// Where what is over goes.
pub const OTHER: &str = "(other)";
/// Keys of our own: their values come from small sets, whatever a script does.
const BOUNDED: [&str; 10] = [
    "scenario",
    "group",
    "method",
    "status",
    "error_code",
    "expected_response",
    "proto",
    "check",
    "phase",
    "tls_version",
];

/// Gives metrics and tag sets their numbers. Lives behind a lock; recording does not need it.
pub struct Interner {
    metrics: Vec<Metric>,
    metric_ids: FxHashMap<String, MetricId>,
    sets: Vec<Tags>,
    set_ids: FxHashMap<Tags, TagsId>,
    overflowed: bool,
}

impl Default for Interner {
    fn default() -> Self {
        let mut interner = Self {
            metrics: Vec::new(),
            metric_ids: FxHashMap::default(),
            sets: vec![Tags::new()],
            set_ids: FxHashMap::default(),
            overflowed: false,
        };
        interner.set_ids.insert(Tags::new(), TagsId::EMPTY);
        for (name, kind, contains) in builtin::ALL {
            interner.new_metric(name, *kind, *contains);
        }
        interner
    }
}

impl Interner {
    /// The metric called `name`; `kind` and `contains` count only when it is new.
    pub fn metric(&mut self, name: &str, kind: Kind, contains: Contains) -> MetricId {
        match self.metric_ids.get(name) {
            Some(id) => *id,
            None => self.new_metric(name, kind, contains),
        }
    }

    fn new_metric(&mut self, name: &str, kind: Kind, contains: Contains) -> MetricId {
        let id = MetricId(self.metrics.len() as u16);
        self.metrics.push(Metric {
            name: name.to_owned(),
            kind,
            contains,
        });
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
                Ok(at) => tags[at].1 = (*value).to_owned(),
                Err(at) => tags.insert(at, ((*key).to_owned(), (*value).to_owned())),
            }
        }
        if let Some(id) = self.set_ids.get(&tags) {
            return *id;
        }
        if self.sets.len() >= MOST_TAG_SETS {
            self.overflowed = true;
            // Totals stay exact: only the tags without bounds become one.
            for (key, value) in &mut tags {
                if !BOUNDED.contains(&key.as_str()) {
                    OTHER.clone_into(value);
                }
            }
            if let Some(id) = self.set_ids.get(&tags) {
                return *id;
            }
        }
        let id = TagsId(self.sets.len() as u32);
        self.sets.push(tags.clone());
        self.set_ids.insert(tags, id);
        id
    }

    /// Whether tag sets were put together for being too many.
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_tags_are_the_same_set_in_whatever_order() {
        let mut interner = Interner::default();
        let one = interner.with(TagsId::EMPTY, &[("b", "2"), ("a", "1")]);
        let base = interner.with(TagsId::EMPTY, &[("a", "0")]);
        assert_eq!(interner.with(base, &[("a", "1"), ("b", "2")]), one);
        assert_ne!(base, one);
    }

    #[test]
    fn tag_sets_over_the_cap_become_other_and_bounded_tags_stay() {
        let mut interner = Interner::default();
        let name = |interner: &mut Interner, n: usize| {
            interner.with(
                TagsId::EMPTY,
                &[("name", &n.to_string()), ("method", "GET")],
            )
        };
        for n in 0..MOST_TAG_SETS {
            name(&mut interner, n);
        }
        let (first, second) = (
            name(&mut interner, 10_000_001),
            name(&mut interner, 10_000_002),
        );
        assert!(interner.overflowed());
        assert_eq!(first, second);
        let tags = interner.tags(first);
        assert_eq!(
            tags,
            &vec![
                ("method".into(), "GET".into()),
                ("name".into(), OTHER.into())
            ]
        );
    }

    #[test]
    fn built_in_metrics_have_the_ids_of_their_constants() {
        let interner = Interner::default();
        assert_eq!(interner.describe(builtin::VUS_MAX).name, "vus_max");
        assert_eq!(
            interner.describe(builtin::HTTP_REQ_DURATION).kind,
            Kind::Trend
        );
    }
}
