//! Which answers are looked at when there are too many to look at all of them.
//!
//! In each second about as many as its target, spread over the second; with fewer than that, all. One that
//! is looked at stands for those that were passed over before it, so that counts add up. The gaps are
//! drawn: what a server does to every third request must not hide behind a third of our looks.

#[derive(Clone, Debug)]
pub struct Sampler {
    /// One of so many is looked at, on average.
    every: u64,
    /// So many are passed over before the next look.
    gap: u64,
    /// Passed over since the last look.
    passed: u64,
    seen: u64,
    looked: u64,
    draw: u64,
}

impl Default for Sampler {
    fn default() -> Self {
        Self { every: 1, gap: 0, passed: 0, seen: 0, looked: 0, draw: 0x9e37_79b9_7f4a_7c15 }
    }
}

impl Sampler {
    /// One more answer: `None` to pass it over, or how many it stands for.
    pub fn next(&mut self, target: u64) -> Option<u64> {
        self.seen += 1;
        if self.gap > 0 {
            self.gap -= 1;
            self.passed += 1;
            return None;
        }
        self.looked += 1;
        // A second that brings more than the one before.
        if self.looked % target == 0 {
            self.every *= 2;
        }
        self.gap = self.drawn();
        Some(std::mem::take(&mut self.passed) + 1)
    }

    /// The second is over. Gives how many were looked at, and how many were passed over since the last look.
    pub fn end_second(&mut self, target: u64) -> (u64, u64) {
        let ended = (self.looked, self.passed);
        self.every = (self.seen / target).max(1);
        (self.seen, self.looked, self.passed) = (0, 0, 0);
        self.gap = self.drawn();
        ended
    }

    /// A gap of 0 to 2 (every - 1), all as likely (xorshift).
    fn drawn(&mut self) -> u64 {
        if self.every == 1 {
            return 0;
        }
        self.draw ^= self.draw << 13;
        self.draw ^= self.draw >> 7;
        self.draw ^= self.draw << 17;
        self.draw % (2 * self.every - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A second of so many answers: what each look stands for.
    fn second(sampler: &mut Sampler, answers: u64, target: u64) -> Vec<u64> {
        (0..answers).filter_map(|_| sampler.next(target)).collect()
    }

    #[test]
    fn few_answers_are_all_looked_at() {
        let mut sampler = Sampler::default();
        for answers in [10, 63, 1] {
            assert_eq!(second(&mut sampler, answers, 64), vec![1; answers as usize]);
            assert_eq!(sampler.end_second(64), (answers, 0));
        }
    }

    #[test]
    fn many_answers_get_about_as_many_looks_as_are_wanted_from_the_second_second_on() {
        let mut sampler = Sampler::default();
        assert!(second(&mut sampler, 60_000, 1000).len() < 7000);
        for _ in 0..5 {
            sampler.end_second(1000);
            let looks = second(&mut sampler, 60_000, 1000).len();
            assert!((700..=1300).contains(&looks), "{looks}");
        }
        sampler.end_second(1000);
        assert!(second(&mut sampler, 500, 1000).len() < 30, "as the second before had many");
        sampler.end_second(1000);
        assert_eq!(second(&mut sampler, 500, 1000).len(), 500);
    }

    #[test]
    fn every_third_answer_gets_a_third_of_the_looks() {
        let mut sampler = Sampler::default();
        let mut third = 0;
        for _ in 0..20 {
            third += (0..30_000u64).filter(|n| n % 3 == 0 && sampler.next(1000).is_some()).count();
            sampler.end_second(1000);
        }
        // Asked only of every third, it has 10,000 a second.
        assert!((15_000..25_000).contains(&third), "{third}");
        let mut all = Sampler::default();
        let (mut hits, mut looks) = (0, 0);
        for _ in 0..20 {
            for n in 0..30_000u64 {
                if all.next(1000).is_some() {
                    looks += 1;
                    hits += u64::from(n % 3 == 0);
                }
            }
            all.end_second(1000);
        }
        let share = hits as f64 / looks as f64;
        assert!((0.30..0.37).contains(&share), "{share}");
    }

    proptest! {
        #[test]
        fn looks_stand_for_all_answers(seconds in prop::collection::vec(0..5000u64, 1..6), target in 1..200u64) {
            let mut sampler = Sampler::default();
            for answers in seconds {
                let stand_for: u64 = second(&mut sampler, answers, target).iter().sum();
                let (_, passed) = sampler.end_second(target);
                prop_assert_eq!(stand_for + passed, answers);
            }
        }
    }
}
