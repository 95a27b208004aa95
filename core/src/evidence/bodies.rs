//! The most frequent bodies of one kind of answer, in constant memory (Metwally's space-saving).
//!
//! With at most [`MOST`] different ones all counts are exact. With more, a new one takes the place of the
//! rarest, and its rank is that one's count: a body that makes up more than 1/16 of all is never lost.

use rustc_hash::FxHashSet;

/// So many different bodies are kept.
pub const MOST: usize = 16;
/// Different bodies are counted up to here.
const KINDS: usize = 1000;

#[derive(Default)]
pub struct Bodies {
    kept: Vec<Kept>,
    kinds: FxHashSet<u64>,
}

pub struct Kept {
    pub fingerprint: u64,
    /// At least as many as there were.
    rank: u64,
    /// Since the last time that it was told.
    pub fresh: u64,
    /// Length of the one that is shown.
    pub bytes: u64,
    pub items: Option<u64>,
    /// Whether that is how many there are, and no estimate.
    pub exact: bool,
    pub sample: Sample,
}

pub enum Sample {
    /// None was taken.
    Wanted,
    /// The beginning of one; whether it went on.
    Taken(Box<[u8]>, bool),
    /// It was told.
    Shown,
}

impl Bodies {
    /// `times` more of this one.
    pub fn note(&mut self, fingerprint: u64, times: u64, bytes: u64) -> &mut Kept {
        if self.kinds.len() < KINDS {
            self.kinds.insert(fingerprint);
        }
        let known = self.kept.iter().position(|kept| kept.fingerprint == fingerprint);
        let at = known.unwrap_or_else(|| self.admit(fingerprint, bytes));
        let kept = &mut self.kept[at];
        kept.rank += times;
        kept.fresh += times;
        kept
    }

    /// Make room for a new one; gives its place.
    fn admit(&mut self, fingerprint: u64, bytes: u64) -> usize {
        let sample = Sample::Wanted;
        let new = |rank| Kept { fingerprint, rank, fresh: 0, bytes, items: None, exact: true, sample };
        if self.kept.len() < MOST {
            self.kept.push(new(0));
            return self.kept.len() - 1;
        }
        let rarest = (0..MOST).min_by_key(|at| self.kept[*at].rank).unwrap_or(0);
        self.kept[rarest] = new(self.kept[rarest].rank);
        rarest
    }

    pub fn find(&mut self, fingerprint: u64) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| kept.fingerprint == fingerprint)
    }

    /// Those that came since they were last told.
    pub fn fresh(&mut self) -> impl Iterator<Item = &mut Kept> {
        self.kept.iter_mut().filter(|kept| kept.fresh > 0)
    }

    /// How many different ones there were.
    pub fn kinds(&self) -> usize {
        self.kinds.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_different_bodies_are_counted_exactly() {
        let mut bodies = Bodies::default();
        for n in 0..1600u64 {
            bodies.note(n % 16, 1 + n % 2, 100 + n);
        }
        let mut told: Vec<(u64, u64, u64)> =
            bodies.fresh().map(|kept| (kept.fingerprint, kept.fresh, kept.bytes)).collect();
        told.sort_unstable();
        let expected: Vec<(u64, u64, u64)> = (0..16).map(|n| (n, 100 * (1 + n % 2), 100 + n)).collect();
        assert_eq!(told, expected);
        assert_eq!(bodies.kinds(), 16);
    }

    #[test]
    fn a_frequent_body_survives_any_number_of_different_ones() {
        let mut bodies = Bodies::default();
        for n in 0..100_000u64 {
            bodies.note(if n % 10 == 0 { 7 } else { 1000 + n }, 1, 1);
        }
        assert_eq!(bodies.find(7).map(|kept| kept.fresh), Some(10_000));
        assert_eq!((bodies.kept.len(), bodies.kinds()), (MOST, KINDS));
    }
}
