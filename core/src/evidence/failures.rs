//! Failed exchanges of one second, counted by what tells their causes apart.

use super::kind::FailureKind;
use super::names::{NameId, Names};
use crate::clock::{ms, Nanos};
use crate::net::failure::Failure;
use crate::stats::hidden;
use crate::stats::tags::OTHER;
use rustc_hash::{FxHashMap, FxHasher};
use serde_json::{json, Value};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};

/// So many ways to fail are told apart in a second; the rest are counted by their kind alone.
const MOST: usize = 180;
/// So many values of a second are kept of each way to fail.
const FEW: usize = 8;
/// Characters of a failure's text.
const TEXT: usize = 300;

/// The connection that carried an exchange.
#[derive(Clone, Copy, Debug)]
pub struct Carrier {
    /// It had served before.
    pub reused: bool,
    pub born: Nanos,
    pub idle_since: Nanos,
}

/// An exchange that failed.
pub struct Failed<'a> {
    pub kind: FailureKind,
    /// 0 without an answer.
    pub status: u16,
    /// k6's error code.
    pub code: u16,
    /// 0 where the system said nothing.
    pub errno: i32,
    pub text: &'a Cow<'static, str>,
    /// `None` where there was no connection.
    pub carrier: Option<Carrier>,
    pub taken: Nanos,
    /// When its request began to be written; 0 for never.
    pub began: Nanos,
    pub ended: Nanos,
}

impl<'a> Failed<'a> {
    /// Without a whole answer. `begun`: a byte of it had come.
    pub fn without_answer(failure: &'a Failure, begun: bool) -> Self {
        Self {
            kind: FailureKind::of(failure, begun),
            status: 0,
            code: failure.code,
            errno: failure.errno,
            text: &failure.text,
            carrier: None,
            taken: 0,
            began: 0,
            ended: 0,
        }
    }

    /// For the status of its answer.
    pub fn for_status(status: u16, code: u16) -> Self {
        const NONE: &Cow<'static, str> = &Cow::Borrowed("");
        Self {
            kind: FailureKind::Status,
            status,
            code,
            errno: 0,
            text: NONE,
            carrier: None,
            taken: 0,
            began: 0,
            ended: 0,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    kind: FailureKind,
    /// `None` for those beyond [`MOST`].
    name: Option<NameId>,
    status: u16,
    code: u16,
    errno: i32,
    /// Hash of the text.
    text: u64,
}

#[derive(Default)]
struct Second {
    text: Cow<'static, str>,
    count: u64,
    reused: u64,
    idle: Few,
    age: Few,
    duration: Few,
}

#[derive(Default)]
pub struct Failures(FxHashMap<Key, Second>);

impl Failures {
    pub fn note(&mut self, name: NameId, failed: &Failed<'_>) {
        let Failed { kind, status, code, errno, .. } = *failed;
        let mut hasher = FxHasher::default();
        failed.text.hash(&mut hasher);
        let mut key = Key { kind, name: Some(name), status, code, errno, text: hasher.finish() };
        let mut text = failed.text;
        if self.0.len() >= MOST && !self.0.contains_key(&key) {
            key = Key { kind, name: None, status: 0, code: 0, errno: 0, text: 0 };
            text = const { &Cow::Borrowed("") };
        }
        self.0.entry(key).or_insert_with(|| Second { text: text.clone(), ..Second::default() }).add(failed);
    }

    /// What has been noted since the last time, as JSON; `None` for nothing.
    pub fn take(&mut self, names: &Names) -> Option<String> {
        let entries: Vec<Value> = self.0.drain().map(|(key, second)| second.told(key, names)).collect();
        (!entries.is_empty()).then(|| Value::Array(entries).to_string())
    }
}

impl Second {
    fn add(&mut self, failed: &Failed<'_>) {
        self.count += 1;
        // One that never had a connection took as long as it tried to have one.
        let began = if failed.began == 0 { failed.taken } else { failed.began };
        self.duration.add(ms(began, failed.ended));
        let Some(carrier) = failed.carrier else {
            return;
        };
        self.age.add(ms(carrier.born, failed.ended));
        if carrier.reused {
            self.reused += 1;
            let until = if failed.began == 0 { failed.ended } else { failed.began };
            self.idle.add(ms(carrier.idle_since, until));
        }
    }

    fn told(self, key: Key, names: &Names) -> Value {
        let (method, name) = key.name.map_or(("", OTHER), |name| names.get(name));
        let text: String = hidden::mask(&self.text).chars().take(TEXT).collect();
        json!({
            "kind": key.kind.name(),
            "method": method,
            "name": hidden::mask_tag("name", name),
            "status": key.status,
            "code": key.code,
            "errno": key.errno,
            "text": text,
            "count": self.count,
            "reused": self.reused,
            "idle_ms": self.idle.told(),
            "age_ms": self.age.told(),
            "duration_ms": self.duration.told(),
        })
    }
}

/// A few of many values, each as likely to be kept (Vitter's algorithm R).
#[derive(Default)]
struct Few {
    values: Vec<f64>,
    seen: u64,
}

impl Few {
    fn add(&mut self, value: f64) {
        self.seen += 1;
        if self.values.len() < FEW {
            self.values.push(value);
            return;
        }
        // A hash of its number is as good as a draw, and the same every time.
        let draw = (self.seen.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % self.seen;
        if let Some(kept) = self.values.get_mut(draw as usize) {
            *kept = value;
        }
    }

    /// To the microsecond.
    fn told(&self) -> Vec<f64> {
        self.values.iter().map(|value| (value * 1000.0).round() / 1000.0).collect()
    }
}

#[cfg(test)]
#[path = "failures_tests.rs"]
mod tests;
