//! Items of bodies that are too long to be counted at once: a slice at a time, between other work.

use super::answers::AnswerId;
use super::items::Counter;
use bytes::Bytes;
use std::collections::VecDeque;

/// So much is counted at once: about 40 µs.
pub const SLICE: usize = 32 * 1024;
/// Longer bodies are not counted to their end.
pub const LONGEST: usize = 1 << 20;
/// Bodies of so many bytes may wait to be counted; they are held in memory meanwhile.
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
    counter: Counter,
}

/// A body that has been counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Counted {
    pub answer: AnswerId,
    pub fingerprint: u64,
    pub items: Option<u64>,
}

impl Counting {
    /// Count `body` by and by; false when too much waits already.
    pub fn begin(&mut self, answer: AnswerId, fingerprint: u64, body: Bytes) -> bool {
        let fits = body.len() <= LONGEST && self.waiting + body.len() <= WAITING;
        if fits {
            self.waiting += body.len();
            self.jobs.push_back(Job { answer, fingerprint, body, counter: Counter::default() });
        }
        fits
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
        let Job { answer, fingerprint, counter, .. } = self.jobs.pop_front()?;
        Some(Counted { answer, fingerprint, items: counter.exact() })
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
        assert!(counting.begin(answer, 1, list(10_000)) && counting.begin(answer, 2, list(5)));
        let steps: Vec<Option<Counted>> = (0..5).map(|_| counting.step()).collect();
        let done = |fingerprint, items| Some(Counted { answer, fingerprint, items: Some(items) });
        assert_eq!(steps, [None, None, None, done(1, 10_000), done(2, 5)]);
        assert!(counting.is_idle() && counting.waiting == 0);
    }

    #[test]
    fn no_more_waits_than_is_allowed() {
        let mut counting = Counting::default();
        let body = Bytes::from(vec![b' '; LONGEST]);
        let taken = (0..5).filter(|_| counting.begin(AnswerId::default(), 0, body.clone())).count();
        assert_eq!(taken, WAITING / LONGEST);
        assert!(!counting.begin(AnswerId::default(), 0, Bytes::from(vec![b' '; LONGEST + 1])));
    }
}
