//! What a metric is: its name, how its samples are put together, and how they are shown.
//!
//! Names and kinds only; samples are a [`Sink`](super::recorder::Sink)'s.

/// How samples of a metric are put together. Its number is what a frame holds.
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

    /// Anything unknown is `Default`: it only changes how a value is shown.
    pub fn from_name(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|contains| contains.name() == name);
        known.unwrap_or(Contains::Default)
    }
}

/// A metric's number in one [`Interner`](super::tags::Interner).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub u16);

#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: String,
    pub kind: Kind,
    pub contains: Contains,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_contents_are_found_by_the_names_they_give() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        for contains in Contains::ALL {
            assert_eq!(Contains::from_name(contains.name()), contains);
        }
        assert_eq!(Kind::from_name("Trend"), None);
        assert_eq!(Contains::from_name("money"), Contains::Default);
    }
}
