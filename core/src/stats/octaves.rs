//! The counters of a histogram's one side: pages of 1,024, one for each octave that was touched.
//!
//! A page starts with 4 KB of 32-bit counters, enough for a worker's second and for most runs. The
//! first counter that would overflow makes its page one of 64 bits (8 KB), so that nothing wraps and
//! nobody chooses a width. What was read from a frame is a list as long as it is short: it is read to
//! be added to something else. It knows magnitudes by their index only; what they mean is
//! [`histogram`](super::histogram)'s.

/// Bits of the mantissa that tell buckets apart.
pub(super) const PRECISION: u8 = 10;
/// Counters of a page.
const BUCKETS: usize = 1 << PRECISION;
/// A list of so many buckets takes as much as a page of counters.
const MOST_LISTED: usize = 256;
/// From so many on a list is too slow to put something into.
const MOST_INSERTED: usize = 32;
/// So many counters are looked at together when looking for those that are not zero.
const STRIDE: usize = 16;

#[derive(Clone, Debug, Default)]
pub(super) struct Octaves {
    /// The exponent of the first page.
    first: u32,
    pages: Vec<Option<Page>>,
}

#[derive(Clone, Debug)]
struct Page {
    /// Of all its counters: what is empty is skipped, not searched.
    total: u64,
    counters: Counters,
}

#[derive(Clone, Debug)]
enum Counters {
    /// Buckets that are not empty, in order.
    Listed(Vec<(u16, u64)>),
    Narrow(Box<[u32; BUCKETS]>),
    Wide(Box<[u64; BUCKETS]>),
}

impl Page {
    fn new() -> Self {
        Self { total: 0, counters: Counters::Narrow(Box::new([0; BUCKETS])) }
    }

    fn listed() -> Self {
        Self { total: 0, counters: Counters::Listed(Vec::new()) }
    }

    /// Count at a bucket that is, as a rule, behind all others.
    fn push(&mut self, bucket: usize, times: u64) {
        match &mut self.counters {
            Counters::Listed(list)
                if list.len() < MOST_LISTED && list.last().is_none_or(|last| usize::from(last.0) < bucket) =>
            {
                self.total = self.total.saturating_add(times);
                list.push((bucket as u16, times));
            }
            _ => self.add(bucket, times),
        }
    }

    fn add(&mut self, bucket: usize, times: u64) {
        self.total = self.total.saturating_add(times);
        match &mut self.counters {
            Counters::Listed(list) => match list.binary_search_by_key(&(bucket as u16), |entry| entry.0) {
                Ok(at) => list[at].1 = list[at].1.saturating_add(times),
                Err(at) if list.len() < MOST_INSERTED => list.insert(at, (bucket as u16, times)),
                Err(_) => {
                    self.unlist(); // which counts anew what was there
                    self.add(bucket, times);
                }
            },
            Counters::Narrow(counters) => {
                let sum = u64::from(counters[bucket]).saturating_add(times);
                match u32::try_from(sum) {
                    Ok(sum) => counters[bucket] = sum,
                    Err(_) => self.widen()[bucket] = sum,
                }
            }
            Counters::Wide(counters) => counters[bucket] = counters[bucket].saturating_add(times),
        }
    }

    /// A list becomes a page of counters.
    #[cold]
    fn unlist(&mut self) {
        if let Counters::Listed(list) = &self.counters {
            let mut page = Self::new();
            list.iter().for_each(|(bucket, count)| page.add(usize::from(*bucket), *count));
            *self = page;
        }
    }

    #[cold]
    fn widen(&mut self) -> &mut [u64; BUCKETS] {
        if let Counters::Narrow(narrow) = &self.counters {
            self.counters = Counters::Wide(Box::new(narrow.map(u64::from)));
        }
        match &mut self.counters {
            Counters::Wide(wide) => wide,
            _ => unreachable!("made wide above"),
        }
    }

    fn clear(&mut self) {
        if self.total > 0 {
            self.total = 0;
            match &mut self.counters {
                Counters::Listed(list) => list.clear(),
                Counters::Narrow(counters) => counters.fill(0),
                Counters::Wide(counters) => counters.fill(0),
            }
        }
    }

    /// Each bucket that is not empty, and its count, in order.
    fn each(&self, mut give: impl FnMut(usize, u64)) {
        match &self.counters {
            _ if self.total == 0 => {}
            Counters::Listed(list) => list.iter().for_each(|(bucket, count)| give(usize::from(*bucket), *count)),
            Counters::Narrow(counters) => each_filled(&counters[..], give),
            Counters::Wide(counters) => each_filled(&counters[..], give),
        }
    }
}

/// Most counters are zero: they are passed over a stride at a time.
fn each_filled<C: Copy + Into<u64>>(counters: &[C], mut give: impl FnMut(usize, u64)) {
    for (at, stride) in counters.chunks_exact(STRIDE).enumerate() {
        if stride.iter().fold(0, |any, count| any | (*count).into()) == 0 {
            continue;
        }
        for (offset, count) in stride.iter().enumerate() {
            let count: u64 = (*count).into();
            if count > 0 {
                give(at * STRIDE + offset, count);
            }
        }
    }
}

impl Octaves {
    /// Count `times` at `index`: an exponent and, in its lower ten bits, a bucket.
    #[inline]
    pub fn add(&mut self, index: u32, times: u64) {
        let (exponent, bucket) = (index >> PRECISION, index as usize & (BUCKETS - 1));
        let at = exponent.wrapping_sub(self.first) as usize;
        match self.pages.get_mut(at) {
            Some(Some(page)) => page.add(bucket, times),
            _ => self.page(exponent, Page::new).add(bucket, times),
        }
    }

    /// Count `times` at `index`, which is, as a rule, behind all others: what is read comes so.
    pub fn push(&mut self, index: u32, times: u64) {
        let (exponent, bucket) = (index >> PRECISION, index as usize & (BUCKETS - 1));
        self.page(exponent, Page::listed).push(bucket, times);
    }

    /// The page of `exponent`, made when it is not there.
    fn page(&mut self, exponent: u32, make: fn() -> Page) -> &mut Page {
        if self.pages.is_empty() {
            self.first = exponent;
        }
        if exponent < self.first {
            let missing = (self.first - exponent) as usize;
            self.pages.splice(0..0, std::iter::repeat_with(|| None).take(missing));
            self.first = exponent;
        }
        let at = (exponent - self.first) as usize;
        if at >= self.pages.len() {
            self.pages.resize_with(at + 1, || None);
        }
        self.pages[at].get_or_insert_with(make)
    }

    /// The pages that hold something and the index of their first bucket, by rising magnitude.
    fn used(&self) -> impl Iterator<Item = (u32, &Page)> {
        let pages = (self.first..).zip(&self.pages);
        pages.filter_map(|(exponent, page)| Some((exponent << PRECISION, page.as_ref()?)))
    }

    pub fn merge(&mut self, other: &Octaves) {
        for (base, theirs) in other.used().filter(|(_, page)| page.total > 0) {
            let ours = self.page(base >> PRECISION, Page::listed);
            theirs.each(|bucket, count| ours.push(bucket, count));
        }
    }

    /// Count nothing; pages stay, and those that hold nothing are not even looked at.
    pub fn clear(&mut self) {
        self.pages.iter_mut().flatten().for_each(Page::clear);
    }

    pub fn total(&self) -> u64 {
        self.used().fold(0, |total, (_, page)| total.saturating_add(page.total))
    }

    /// Each index that is not empty, and its count, by rising magnitude.
    pub fn each(&self, mut give: impl FnMut(u32, u64)) {
        for (base, page) in self.used() {
            page.each(|bucket, count| give(base + bucket as u32, count));
        }
    }

    /// The index that holds the value with `rank` smaller magnitudes before it.
    pub fn find(&self, mut rank: u64) -> Option<u32> {
        for (base, page) in self.used() {
            if rank >= page.total {
                rank -= page.total;
                continue;
            }
            let (mut found, mut passed) = (None, 0u64);
            page.each(|bucket, count| {
                passed = passed.saturating_add(count);
                if found.is_none() && passed > rank {
                    found = Some(base + bucket as u32);
                }
            });
            return found;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(octaves: &Octaves) -> Vec<(u32, u64)> {
        let mut all = Vec::new();
        octaves.each(|index, count| all.push((index, count)));
        all
    }

    #[test]
    fn pages_are_made_below_and_above_the_first_and_stay_in_order() {
        let mut octaves = Octaves::default();
        for index in [50_000, 3, 2_000_000, 50_001] {
            octaves.add(index, 1);
        }
        assert_eq!(all(&octaves), [(3, 1), (50_000, 1), (50_001, 1), (2_000_000, 1)]);
        assert_eq!(octaves.pages.iter().flatten().count(), 3);
    }

    #[test]
    fn a_counter_over_32_bits_goes_on_in_64_and_its_neighbours_stay() {
        let mut octaves = Octaves::default();
        octaves.add(7, 5);
        octaves.add(8, u64::from(u32::MAX));
        octaves.add(8, 1);
        assert_eq!(all(&octaves), [(7, 5), (8, 1 << 32)]);
        octaves.add(8, u64::MAX);
        assert_eq!(octaves.total(), u64::MAX, "it stops at the end and does not wrap");
    }

    #[test]
    fn merging_two_full_counters_widens_the_sum() {
        let mut one = Octaves::default();
        one.add(9, u64::from(u32::MAX));
        let other = one.clone();
        one.merge(&other);
        assert_eq!(all(&one), [(9, 2 * u64::from(u32::MAX))]);
    }

    #[test]
    fn a_list_and_a_page_of_counters_count_the_same() {
        for step in [1, 2, 7, 40] {
            let (mut listed, mut counted) = (Octaves::default(), Octaves::default());
            for index in (5_000..9_000).step_by(step) {
                listed.push(index, u64::from(index));
                counted.add(index, u64::from(index));
            }
            for index in [5_001, 8_999, 4_000, 5_001, 6_003] {
                listed.push(index, 1 << 33);
                counted.add(index, 1 << 33);
            }
            let mut merged = Octaves::default();
            merged.merge(&listed);
            merged.merge(&counted);
            assert_eq!(all(&listed), all(&counted));
            assert_eq!((listed.total(), merged.total()), (counted.total(), 2 * counted.total()));
            assert_eq!(listed.find(counted.total() / 2), counted.find(counted.total() / 2));
            listed.clear();
            assert_eq!((listed.total(), all(&listed)), (0, vec![]));
        }
    }

    #[test]
    fn clearing_keeps_the_pages() {
        let mut octaves = Octaves::default();
        octaves.add(5000, 2);
        octaves.clear();
        assert_eq!((octaves.total(), octaves.find(0), all(&octaves)), (0, None, vec![]));
        assert_eq!(octaves.pages.iter().flatten().count(), 1);
    }
}
