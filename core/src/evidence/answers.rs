//! What answers held, by kind of request and status: sizes, and which bodies were how frequent.
//!
//! Every answer is counted and measured. Bodies are looked at one by one as long as they are few, and
//! beyond that a share of them (`sampler`); a look is a hash of the first 2 KiB. A sample and the number
//! of items are taken once of each body that is told apart.

use super::bodies::{Bodies, Kept, Sample};
use super::counting::{Counted, Counting, LONGEST, SLICE};
use super::fingerprint::fingerprint;
use super::items::Counter;
use super::names::{NameId, Names};
use super::sampler::Sampler;
use super::secrets;
use crate::stats::hidden;
use crate::stats::tags::OTHER;
use bytes::Bytes;
use rustc_hash::FxHashMap;
use serde_json::{json, Map, Value};

/// So many kinds of answers are told apart; what is over is told apart by status, then not at all.
const MOST: usize = 180;
const MOST_WITH_OTHERS: usize = 200;
/// So many bodies are looked at in a second, of all kinds of answers together, …
const LOOKS: u64 = 2048;
/// … and of each at least so many.
const LOOKS_EACH: u64 = 16;
/// Samples that a kind of answer may give at first; it gets another one each second.
const SAMPLES: u32 = 64;
/// Samples of all kinds in one second.
const SAMPLES_A_SECOND: u32 = 128;
/// Bytes of a sample, and what is kept until it is told: a secret that begins in it must be seen whole.
const SAMPLE: usize = 2048;
const SAMPLE_KEPT: usize = 3072;

/// A kind of request and a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerId(u32);

/// An answer whose head, at least, has come.
pub struct Answer<'a> {
    pub status: u16,
    /// Of the body, as they came over the wire.
    pub bytes: u64,
    /// Its Content-Length.
    pub announced: Option<u64>,
    /// It came to its end.
    pub whole: bool,
    /// `None` where it was not kept.
    pub body: Option<Body<'a>>,
}

/// A body after decoding, or the beginning of one.
pub struct Body<'a> {
    pub bytes: &'a [u8],
    /// How long it is, or was to become.
    pub length: u64,
}

#[derive(Default)]
pub struct Answers {
    ids: FxHashMap<(Option<NameId>, u16), AnswerId>,
    tallies: Vec<Tally>,
    /// Those that had answers in this second.
    touched: Vec<AnswerId>,
    /// Looks that each of them has in a second.
    looks: u64,
    samples: u32,
    counting: Counting,
}

struct Tally {
    /// `None` for the rest together.
    name: Option<NameId>,
    status: u16,
    sizes: Sizes,
    bodies: Bodies,
    sampler: Sampler,
    /// Samples that it may still give.
    samples: u32,
    /// The fingerprint that was seen last.
    last: Option<u64>,
}

/// Of one second.
#[derive(Default)]
struct Sizes {
    count: u64,
    cut: u64,
    sum: u64,
    min: u64,
    max: u64,
    announced: Option<u64>,
}

impl Answers {
    /// The place of answers to `name` with `status`.
    pub fn open(&mut self, name: NameId, status: u16) -> AnswerId {
        let places = [(Some(name), status), (None, status), (None, 0)];
        let limits = [MOST, MOST_WITH_OTHERS, usize::MAX];
        for (place, limit) in places.into_iter().zip(limits) {
            if let Some(id) = self.ids.get(&place) {
                return *id;
            }
            if self.tallies.len() < limit {
                return self.add(place);
            }
        }
        AnswerId::default()
    }

    fn add(&mut self, (name, status): (Option<NameId>, u16)) -> AnswerId {
        let id = AnswerId(self.tallies.len() as u32);
        self.tallies.push(Tally {
            name,
            status,
            sizes: Sizes::default(),
            bodies: Bodies::default(),
            sampler: Sampler::default(),
            samples: SAMPLES,
            last: None,
        });
        self.ids.insert((name, status), id);
        id
    }

    pub fn note(&mut self, id: AnswerId, answer: &Answer<'_>) {
        let tally = &mut self.tallies[id.0 as usize];
        if tally.sizes.count == 0 {
            self.touched.push(id);
        }
        tally.sizes.add(answer);
        if let Some(body) = &answer.body {
            if let Some(times) = tally.sampler.next(self.looks.max(LOOKS_EACH)) {
                self.look(id, body, times, answer.whole);
            }
        }
    }

    /// Look at a body that stands for `times` of them.
    fn look(&mut self, id: AnswerId, body: &Body<'_>, times: u64, whole: bool) {
        let bytes = body.bytes;
        let print = fingerprint(bytes);
        let tally = &mut self.tallies[id.0 as usize];
        tally.last = Some(print);
        let kept = tally.bodies.note(print, times, bytes.len() as u64);
        if !matches!(kept.sample, Sample::Wanted) || tally.samples == 0 || self.samples >= SAMPLES_A_SECOND {
            return;
        }
        tally.samples -= 1;
        self.samples += 1;
        let length = bytes.len().min(SAMPLE_KEPT);
        kept.sample = Sample::Taken(bytes[..length].into(), length < bytes.len() || !whole);
        kept.bytes = bytes.len() as u64;
        let at_once = bytes.len() <= SLICE;
        // Copied, since it belongs to user code from here on: once for a body that is new.
        let countable = whole && !at_once && bytes.len() <= LONGEST;
        if countable && self.counting.begin(id, print, Bytes::copy_from_slice(bytes)) {
            return;
        }
        let mut counter = Counter::default();
        counter.feed(&bytes[..bytes.len().min(SLICE)]);
        kept.exact = whole && at_once;
        kept.items = if kept.exact { counter.exact() } else { counter.estimate(body.length) };
    }

    /// Whether bodies wait to be counted, and `count` should be called soon.
    pub fn is_counting(&self) -> bool {
        !self.counting.is_idle()
    }

    /// Count for a moment; false when nothing is left to count.
    pub fn count(&mut self) -> bool {
        if let Some(Counted { answer, fingerprint, items }) = self.counting.step() {
            // It may have given way to more frequent ones meanwhile.
            if let Some(kept) = self.tallies[answer.0 as usize].bodies.find(fingerprint) {
                (kept.items, kept.exact) = (items, true);
            }
        }
        self.is_counting()
    }

    /// What has been noted since the last time, as JSON; `None` for nothing.
    pub fn take(&mut self, names: &Names) -> Option<String> {
        // Bodies of the last milliseconds: it may be the last frame.
        while self.count() {}
        let looks = self.looks.max(LOOKS_EACH);
        let touched = std::mem::take(&mut self.touched);
        let told: Vec<Value> = touched.iter().map(|id| self.tallies[id.0 as usize].told(names, looks)).collect();
        self.looks = LOOKS / touched.len().max(1) as u64;
        self.samples = 0;
        (!told.is_empty()).then(|| Value::Array(told).to_string())
    }
}

impl Sizes {
    fn add(&mut self, answer: &Answer<'_>) {
        let bytes = answer.bytes;
        self.min = if self.count == 0 { bytes } else { self.min.min(bytes) };
        self.max = self.max.max(bytes);
        self.sum += bytes;
        self.count += 1;
        self.cut += u64::from(!answer.whole);
        self.announced = self.announced.max(answer.announced);
    }
}

impl Tally {
    /// The second that is over, and begin anew.
    fn told(&mut self, names: &Names, looks: u64) -> Value {
        let (method, name) = self.name.map_or(("", OTHER), |name| names.get(name));
        let sizes = std::mem::take(&mut self.sizes);
        let (looked, passed) = self.sampler.end_second(looks);
        if let Some(kept) = self.last.and_then(|last| self.bodies.find(last)) {
            kept.fresh += passed;
        }
        self.samples = (self.samples + 1).min(SAMPLES);
        let kinds = self.bodies.kinds();
        json!({
            "method": method,
            "name": hidden::mask_tag("name", name),
            "status": self.status,
            "count": sizes.count,
            "cut": sizes.cut,
            "bytes_sum": sizes.sum,
            "bytes_min": sizes.min,
            "bytes_max": sizes.max,
            "announced": sizes.announced,
            "looked": looked,
            "kinds": kinds,
            "bodies": self.bodies.fresh().map(told).collect::<Vec<Value>>(),
        })
    }
}

fn told(kept: &mut Kept) -> Value {
    let mut body = Map::new();
    body.insert("fp".into(), format!("{:016x}", kept.fingerprint).into());
    body.insert("count".into(), std::mem::take(&mut kept.fresh).into());
    body.insert("bytes".into(), kept.bytes.into());
    body.insert("items".into(), kept.items.into());
    body.insert("exact".into(), kept.exact.into());
    if let Sample::Taken(bytes, cut) = &kept.sample {
        body.insert("sample".into(), secrets::blotted(bytes, *cut, SAMPLE).into());
        kept.sample = Sample::Shown;
    }
    Value::Object(body)
}

#[cfg(test)]
#[path = "answers_tests.rs"]
mod tests;
