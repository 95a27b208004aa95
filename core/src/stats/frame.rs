//! What one worker measured in one second: self-contained, mergeable bytes.
//!
//! Version 1: the version, worker, sequence, both clocks, notes, and series until the end: name,
//! kind, contains, tags, delta. A second that was lost takes no other with it.

use super::histogram::{Histogram, PRECISION};
use super::recorder::{Recorder, Sink};
use super::tags::{Contains, Interner, Kind, Metric, Tags};
use super::wire::{put_float, put_text, put_uint, Bytes};

const VERSION: u8 = 1;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    pub worker: u32,
    pub sequence: u64,
    pub monotonic_ns: u64,
    pub wall_ns: u64,
    /// (kind, JSON): what is no series, such as exceptions and the generator's own state.
    pub notes: Vec<(String, String)>,
}

/// One series' second.
#[derive(Debug)]
pub struct Delta {
    pub metric: Metric,
    pub tags: Tags,
    pub sink: Sink,
}

/// Write a frame of what `recorders` hold, and reset them.
pub fn write(out: &mut Vec<u8>, head: &Head, recorders: &mut [&mut Recorder], interner: &Interner) {
    out.push(VERSION);
    put_uint(out, u64::from(head.worker));
    put_uint(out, head.sequence);
    put_uint(out, head.monotonic_ns);
    put_uint(out, head.wall_ns);
    put_uint(out, head.notes.len() as u64);
    for (kind, json) in &head.notes {
        put_text(out, kind);
        put_text(out, json);
    }
    for recorder in recorders {
        // Two recorders may hold the same series: the reader adds them up.
        recorder.take(|metric, tags, sink| {
            let metric = interner.describe(metric);
            put_text(out, &metric.name);
            out.push(metric.kind as u8);
            out.push(metric.contains as u8);
            let tags = interner.tags(tags);
            put_uint(out, tags.len() as u64);
            for (key, value) in tags {
                put_text(out, key);
                put_text(out, value);
            }
            put_sink(out, sink);
        });
    }
}

fn put_sink(out: &mut Vec<u8>, sink: &Sink) {
    match sink {
        Sink::Counter(sum) => put_float(out, *sum),
        Sink::Gauge { last, min, max } => [last, min, max]
            .into_iter()
            .for_each(|value| put_float(out, *value)),
        Sink::Rate { trues, total } => [trues, total]
            .into_iter()
            .for_each(|value| put_uint(out, *value)),
        Sink::Trend(histogram) => histogram.encode(PRECISION, out),
    }
}

/// Read a frame; `None` for bytes that are none.
pub fn read(bytes: &[u8]) -> Option<(Head, Vec<Delta>)> {
    let mut bytes = Bytes(bytes);
    if bytes.byte()? != VERSION {
        return None;
    }
    let mut head = Head {
        worker: u32::try_from(bytes.uint()?).ok()?,
        sequence: bytes.uint()?,
        monotonic_ns: bytes.uint()?,
        wall_ns: bytes.uint()?,
        notes: Vec::new(),
    };
    for _ in 0..bytes.uint()? {
        head.notes.push((bytes.text()?, bytes.text()?));
    }
    let mut deltas = Vec::new();
    while !bytes.0.is_empty() {
        deltas.push(delta(&mut bytes)?);
    }
    Some((head, deltas))
}

fn delta(bytes: &mut Bytes<'_>) -> Option<Delta> {
    let name = bytes.text()?;
    let kind = *Kind::ALL.get(usize::from(bytes.byte()?))?;
    let contains = *Contains::ALL.get(usize::from(bytes.byte()?))?;
    let mut tags = Tags::new();
    for _ in 0..bytes.uint()? {
        tags.push((bytes.text()?, bytes.text()?));
    }
    let sink = match kind {
        Kind::Counter => Sink::Counter(bytes.float()?),
        Kind::Gauge => Sink::Gauge {
            last: bytes.float()?,
            min: bytes.float()?,
            max: bytes.float()?,
        },
        Kind::Rate => Sink::Rate {
            trues: bytes.uint()?,
            total: bytes.uint()?,
        },
        Kind::Trend => Sink::Trend(Histogram::decode(bytes)?),
    };
    Some(Delta {
        metric: Metric {
            name,
            kind,
            contains,
        },
        tags,
        sink,
    })
}

#[cfg(test)]
mod tests {
    use super::super::builtin;
    use super::super::tags::TagsId;
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let (mut interner, mut recorder) = (Interner::default(), Recorder::default());
        let tags = interner.with(TagsId::EMPTY, &[("name", "소나기"), ("status", "200")]);
        for (metric, value) in [
            (builtin::HTTP_REQS, 1.0),
            (builtin::HTTP_REQ_DURATION, 5.25),
            (builtin::CHECKS, 1.0),
        ] {
            let id = recorder.series(metric, tags, &interner);
            recorder.add(id, value);
            recorder.add(id, 0.0);
        }
        let head = Head {
            worker: 3,
            sequence: 9,
            monotonic_ns: 5,
            wall_ns: 7,
            notes: vec![("log".into(), "{}".into())],
        };
        let mut out = Vec::new();
        write(&mut out, &head, &mut [&mut recorder], &interner);
        out
    }

    #[test]
    fn a_frame_reads_as_it_was_written_and_holds_only_what_was_touched() {
        let (head, deltas) = read(&sample()).unwrap();
        assert_eq!((head.worker, head.sequence, head.notes.len()), (3, 9, 1));
        let names: Vec<&str> = deltas
            .iter()
            .map(|delta| delta.metric.name.as_str())
            .collect();
        assert_eq!(names, ["http_reqs", "http_req_duration", "checks"]);
        assert!(matches!(deltas[2].sink, Sink::Rate { trues: 1, total: 2 }));
    }

    #[test]
    fn taking_a_frame_begins_anew() {
        let (interner, mut recorder) = (Interner::default(), Recorder::default());
        let id = recorder.series(builtin::HTTP_REQ_DURATION, TagsId::EMPTY, &interner);
        recorder.add(id, 1.0);
        let mut out = Vec::new();
        write(&mut out, &Head::default(), &mut [&mut recorder], &interner);
        out.clear();
        write(&mut out, &Head::default(), &mut [&mut recorder], &interner);
        assert!(read(&out).unwrap().1.is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_damage_makes_reading_panic(at in 0usize..400, byte: u8, cut in 0usize..400) {
            let mut bytes = sample();
            let at = at % bytes.len();
            bytes[at] = byte;
            bytes.truncate(cut.max(1));
            let _ = read(&bytes);
        }
    }
}
