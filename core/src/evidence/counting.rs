//! Items of bodies that are too long to be counted at once: a slice at a time, between other work.

use super::answers::AnswerId;
use super::items::Counter;
use bytes::Bytes;
use std::collections::VecDeque;

/// So much is counted at once: about 40 µs.
pub const SLICE: usize = 32 * 1024;
/// No more of a body is counted.
pub const LONGEST: usize = 1 << 20;
/// So many bytes may wait to be counted; their bodies are held in memory meanwhile.
const WAITING: usize = 2 << 20;

#[derive(Default)]
pub struct Counting {
    jobs: VecDeque<Job>,
    waiting: usize,
}

struct Job {
    answer: AnswerId,
    fingerprint: u64,
    body: Bytes,
    /// Length of the whole, where `body` is a part of it.
    part_of: Option<u64>,
    counter: Counter,
}

/// A body that has been counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted {
    pub answer: AnswerId,
    pub fingerprint: u64,
    pub items: Option<u64>,
    /// Whether that is how many there are, and no estimate.
    pub exact: bool,
}

impl Counting {
    /// Count `body` by and by; false when too much waits already. `part_of`: the whole has this length.
    pub fn begin(&mut self, answer: AnswerId, fingerprint: u64, body: Bytes, part_of: Option<u64>) -> bool {
        let fits = self.waiting + body.len() <= WAITING;
        if fits {
            self.waiting += body.len();
            self.jobs.push_back(Job { answer, fingerprint, body, part_of, counter: Counter::default() });
        }
        fits
    }

    /// Whether a body of `answer` waits to be counted.
    pub fn holds(&self, answer: AnswerId) -> bool {
        self.jobs.iter().any(|job| job.answer == answer)
    }

    pub fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Count one slice more. Gives what that brought to its end.
    pub fn step(&mut self) -> Option<Counted> {
        let job = self.jobs.front_mut()?;
        let slice = job.body.split_to(SLICE.min(job.body.len()));
        job.counter.feed(&slice);
        self.waiting -= slice.len();
        if !job.body.is_empty() {
            return None;
        }
        let Job { answer, fingerprint, part_of, counter, .. } = self.jobs.pop_front()?;
        let (items, exact) = counter.items(part_of);
        Some(Counted { answer, fingerprint, items, exact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_counted_one_after_the_other_a_slice_at_a_time() {
        let list = |items: usize| Bytes::from(format!("[{}]", vec![r#"{"id":17}"#; items].join(",")));
        let mut counting = Counting::default();
        let answer = AnswerId::default();
        assert!(counting.begin(answer, 1, list(10_000), None) && counting.begin(answer, 2, list(5), None));
        assert!(counting.holds(answer));
        let steps: Vec<Option<Counted>> = (0..5).map(|_| counting.step()).collect();
        let done = |fingerprint, items| Some(Counted { answer, fingerprint, items: Some(items), exact: true });
        assert_eq!(steps, [None, None, None, done(1, 10_000), done(2, 5)]);
        assert!(counting.is_idle() && counting.waiting == 0 && !counting.holds(answer));
    }

    #[test]
    fn no_more_waits_than_is_allowed() {
        let mut counting = Counting::default();
        let body = Bytes::from(vec![b' '; LONGEST]);
        let taken = (0..5).filter(|_| counting.begin(AnswerId::default(), 0, body.clone(), None)).count();
        assert_eq!(taken, WAITING / LONGEST);
    }
}
