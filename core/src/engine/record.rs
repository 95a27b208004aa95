//! One exchange becomes k6's HTTP metrics under one set of tags.

use crate::clock;
use crate::evidence::{Answer, AnswerId, Answers, Failed, Failures, NameId, Names};
use crate::http::stamps::Timings;
use crate::http::version::Version;
use crate::stats::{builtin, Interner, MetricId, Recorder, SeriesId, TagsId};
use rustc_hash::FxHashMap;

/// What tells the series of exchanges with the same tags apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    tags: TagsId,
    status: u16,
    expected: bool,
    error_code: u16,
    version: Version,
    due: bool,
}

/// An exchange that ended.
pub struct HttpSample<'a> {
    pub tags: TagsId,
    /// 0 when there was no response.
    pub status: u16,
    /// Whether the answer is one that was hoped for.
    pub expected: bool,
    /// k6's error code, 0 for none.
    pub error_code: u16,
    pub error: &'a str,
    pub version: Version,
    pub timings: Timings,
    pub sent: u64,
    pub received: u64,
    pub failed: Option<Failed<'a>>,
}

const TRENDS: [MetricId; 9] = [
    builtin::HTTP_REQ_BLOCKED,
    builtin::HTTP_REQ_LOOKING_UP,
    builtin::HTTP_REQ_CONNECTING,
    builtin::HTTP_REQ_TLS_HANDSHAKING,
    builtin::HTTP_REQ_SENDING,
    builtin::HTTP_REQ_WAITING,
    builtin::HTTP_REQ_RECEIVING,
    builtin::HTTP_REQ_DURATION,
    builtin::HTTP_REQ_TOTAL,
];

#[derive(Clone, Copy)]
struct HttpSeries {
    requests: SeriesId,
    failed: SeriesId,
    sent: SeriesId,
    received: SeriesId,
    trends: [SeriesId; TRENDS.len()],
    /// Of requests that were due at a time.
    intended: Option<SeriesId>,
}

/// An exchange's numbers, in the order of [`TRENDS`].
struct Row {
    times: [f64; TRENDS.len()],
    intended: f64,
    sent: u64,
    received: u64,
}

/// So many exchanges wait to be put into their series at once. Thirteen series are spread over memory:
/// visited once for many, they are found in the processor's cache.
const ROWS: usize = 64;

struct Exchanges {
    name: NameId,
    answers: AnswerId,
    expected: bool,
    series: HttpSeries,
    rows: Vec<Row>,
}

#[derive(Default)]
pub struct HttpRecorder {
    recorder: Recorder,
    places: FxHashMap<Key, usize>,
    exchanges: Vec<Exchanges>,
    /// The last key's place: users of one script mostly do the same.
    last: Option<(Key, usize)>,
    names: Names,
    failures: Failures,
    answers: Answers,
}

impl HttpRecorder {
    /// Record an exchange. `interner` is asked for only when its series is new.
    pub fn record<I>(&mut self, sample: &HttpSample<'_>, interner: impl FnOnce() -> I)
    where
        I: std::ops::DerefMut<Target = Interner>,
    {
        let HttpSample { tags, status, expected, error_code, version, .. } = *sample;
        let due = sample.timings.intended.is_some();
        let key = Key { tags, status, expected, error_code, version, due };
        let place = match self.last {
            Some((last, place)) if last == key => place,
            _ => match self.places.get(&key) {
                Some(place) => *place,
                None => self.open(key, sample.error, &mut interner()),
            },
        };
        self.last = Some((key, place));
        let t = &sample.timings;
        let times = [
            t.blocked,
            t.looking_up,
            t.connecting,
            t.tls_handshaking,
            t.sending,
            t.waiting,
            t.receiving,
            t.duration,
            t.total,
        ];
        let exchanges = &mut self.exchanges[place];
        if let Some(failed) = &sample.failed {
            self.failures.note(exchanges.name, failed);
        }
        let intended = t.intended.unwrap_or_default();
        let row = Row { times, intended, sent: sample.sent, received: sample.received };
        if self.recorder.keeps_samples() {
            exchanges.keep(&row, &mut self.recorder);
        }
        exchanges.rows.push(row);
        if exchanges.rows.len() == ROWS {
            exchanges.settle(&mut self.recorder);
        }
    }

    /// Note a failure that is no exchange of its own.
    pub fn note_failed(&mut self, tags: TagsId, failed: &Failed<'_>, interner: &Interner) {
        let name = self.names.of(tags, || interner);
        self.failures.note(name, failed);
    }

    /// What the exchange that was recorded last was answered.
    pub fn note_answer(&mut self, answer: &Answer<'_>) {
        if let Some((_, place)) = self.last {
            self.answers.note(self.exchanges[place].answers, answer);
        }
    }

    /// What has come of an answer to a request that failed in the middle of it.
    pub fn note_part(&mut self, tags: TagsId, answer: &Answer<'_>, interner: &Interner) {
        let id = self.answers.open(self.names.of(tags, || interner), answer.status);
        self.answers.note(id, answer);
    }

    /// Whether long bodies wait for their items to be counted.
    pub fn is_counting(&self) -> bool {
        self.answers.is_counting()
    }

    /// Count for a moment; false when nothing is left to count.
    pub fn count(&mut self) -> bool {
        self.answers.count()
    }

    /// What was noted of exchanges since the last time: kinds of notes and their JSON. `last`: nothing may wait
    /// for the next time.
    pub fn take_notes(&mut self, last: bool) -> Vec<(String, String)> {
        let kinds = [("failures", self.failures.take(&self.names)), ("answers", self.answers.take(&self.names, last))];
        kinds.into_iter().filter_map(|(kind, json)| json.map(|json| (kind.to_owned(), json))).collect()
    }

    /// The recorder, with all that was recorded.
    pub fn settled(&mut self) -> &mut Recorder {
        for exchanges in self.exchanges.iter_mut().filter(|exchanges| !exchanges.rows.is_empty()) {
            exchanges.settle(&mut self.recorder);
        }
        &mut self.recorder
    }

    /// The recorder, for what is no exchange.
    pub fn recorder(&mut self) -> &mut Recorder {
        &mut self.recorder
    }

    fn open(&mut self, key: Key, error: &str, interner: &mut Interner) -> usize {
        let status = key.status.to_string();
        let code = key.error_code.to_string();
        let mut more =
            vec![("status", status.as_str()), ("expected_response", if key.expected { "true" } else { "false" })];
        if key.status > 0 {
            more.push(("proto", key.version.proto()));
        }
        if key.error_code > 0 {
            more.push(("error_code", code.as_str()));
        }
        if !error.is_empty() {
            more.push(("error", error));
        }
        let tags = interner.with(key.tags, &more);
        let mut series = |metric| self.recorder.series(metric, tags, interner);
        let series = HttpSeries {
            requests: series(builtin::HTTP_REQS),
            failed: series(builtin::HTTP_REQ_FAILED),
            sent: series(builtin::DATA_SENT),
            received: series(builtin::DATA_RECEIVED),
            trends: TRENDS.map(&mut series),
            intended: key.due.then(|| series(builtin::HTTP_REQ_INTENDED_DURATION)),
        };
        let name = self.names.of(key.tags, || &*interner);
        let answers = self.answers.open(name, key.status);
        self.exchanges.push(Exchanges { name, answers, expected: key.expected, series, rows: Vec::new() });
        let place = self.exchanges.len() - 1;
        self.places.insert(key, place);
        place
    }
}

impl Exchanges {
    fn keep(&self, row: &Row, recorder: &mut Recorder) {
        let (series, now) = (&self.series, clock::wall());
        recorder.keep(series.requests, now, 1.0);
        recorder.keep(series.failed, now, if self.expected { 0.0 } else { 1.0 });
        recorder.keep(series.sent, now, row.sent as f64);
        recorder.keep(series.received, now, row.received as f64);
        for (id, value) in series.trends.iter().zip(row.times) {
            recorder.keep(*id, now, value);
        }
        if let Some(id) = series.intended {
            recorder.keep(id, now, row.intended);
        }
    }

    fn settle(&mut self, recorder: &mut Recorder) {
        let (rows, series) = (&self.rows, &self.series);
        recorder.fold(series.requests, rows.len() as f64);
        recorder.fold(series.sent, rows.iter().map(|row| row.sent).sum::<u64>() as f64);
        recorder.fold(series.received, rows.iter().map(|row| row.received).sum::<u64>() as f64);
        let failed = if self.expected { 0.0 } else { 1.0 };
        recorder.fold_all(series.failed, rows.iter().map(|_| failed));
        for (trend, id) in series.trends.iter().enumerate() {
            recorder.fold_all(*id, rows.iter().map(|row| row.times[trend]));
        }
        if let Some(id) = series.intended {
            recorder.fold_all(id, rows.iter().map(|row| row.intended));
        }
        self.rows.clear();
    }
}

/// k6's default: 200 to 399 are what was hoped for.
pub fn is_expected(status: u16) -> bool {
    (200..400).contains(&status)
}
