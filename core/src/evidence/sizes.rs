//! How many answers there were and how large, in one second.

use super::answer::Answer;
use serde_json::{Map, Value};

#[derive(Default)]
pub struct Sizes {
    pub count: u64,
    cut: u64,
    sum: u64,
    min: u64,
    max: u64,
    announced: Option<u64>,
}

impl Sizes {
    pub fn add(&mut self, answer: &Answer<'_>) {
        let bytes = answer.bytes;
        self.min = if self.count == 0 { bytes } else { self.min.min(bytes) };
        self.max = self.max.max(bytes);
        self.sum += bytes;
        self.count += 1;
        self.cut += u64::from(!answer.whole);
        self.announced = self.announced.max(answer.announced);
    }

    /// Put into a note, in bytes.
    pub fn tell(&self, note: &mut Map<String, Value>) {
        let fields = [
            ("count", self.count),
            ("cut", self.cut),
            ("bytes_sum", self.sum),
            ("bytes_min", self.min),
            ("bytes_max", self.max),
        ];
        note.extend(fields.map(|(name, value)| (name.to_owned(), value.into())));
        note.insert("announced".to_owned(), self.announced.into());
    }
}
