use super::super::builtin;
use super::super::tags::TagsId;
use super::super::totals::Totals;
use super::*;
use proptest::prelude::*;

fn head() -> Head {
    let notes = vec![("log".into(), r#"{"text":"소나기"}"#.into())];
    Head { worker: 3, sequence: 9, monotonic_ns: 5, wall_ns: u64::MAX, notes }
}

/// A frame of every kind of series, some with tags.
fn sample(values: &[f64]) -> Vec<u8> {
    let (mut interner, mut recorder) = (Interner::default(), Recorder::default());
    let tags = interner.with(TagsId::EMPTY, &[("name", "소나기"), ("status", "200")]);
    let metrics = [builtin::HTTP_REQS, builtin::HTTP_REQ_DURATION, builtin::CHECKS, builtin::VUS];
    for metric in metrics {
        let id = recorder.series(metric, tags, &interner);
        values.iter().for_each(|value| recorder.add(id, *value));
    }
    let mut out = Vec::new();
    write(&mut out, &head(), &mut [&mut recorder], &interner);
    out
}

/// Before its series: what a frame with no notes has.
fn beginning() -> Vec<u8> {
    let mut out = vec![VERSION];
    [0, 0, 0, 0].into_iter().for_each(|value| put_uint(&mut out, value));
    out
}

#[test]
fn a_frame_reads_as_it_was_written_and_holds_only_what_was_touched() {
    let frame = read(&sample(&[5.25, 0.0])).unwrap();
    assert_eq!(frame.head, head());
    let names: Vec<&str> = frame.series.iter().map(|delta| delta.metric.name.as_str()).collect();
    assert_eq!(names, ["http_reqs", "http_req_duration", "checks", "vus"]);
    assert!(matches!(frame.series[0].sink, Sink::Counter(5.25)));
    assert!(matches!(frame.series[2].sink, Sink::Rate { trues: 1, total: 2 }));
    assert!(matches!(frame.series[3].sink, Sink::Gauge { last: 0.0, min: 0.0, max: 5.25 }));
    assert_eq!(frame.series[1].tags[0], ("name".to_owned(), "소나기".to_owned()));
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
    assert!(read(&out).unwrap().series.is_empty());
}

#[test]
fn what_two_recorders_hold_of_one_series_adds_up() {
    let interner = Interner::default();
    let (mut one, mut other) = (Recorder::default(), Recorder::default());
    for recorder in [&mut one, &mut other] {
        for (metric, value) in [(builtin::HTTP_REQS, 2.0), (builtin::HTTP_REQ_DURATION, 7.0)] {
            let id = recorder.series(metric, TagsId::EMPTY, &interner);
            recorder.add(id, value);
        }
    }
    let mut out = Vec::new();
    write(&mut out, &Head::default(), &mut [&mut one, &mut other], &interner);
    let mut totals = Totals::default();
    totals.merge(&read(&out).unwrap());
    assert!(matches!(totals.select("http_reqs", &[]), Some(Sink::Counter(4.0))));
    let Some(Sink::Trend(trend)) = totals.select("http_req_duration", &[]) else { panic!("a trend") };
    assert_eq!(trend.count(), 2);
    assert_eq!(totals.series("http_reqs").count(), 1);
}

#[test]
fn another_version_is_named() {
    let mut bytes = sample(&[1.0]);
    bytes[0] = 1;
    assert_eq!(read(&bytes).unwrap_err(), Malformed::Version(1));
    assert_eq!(Malformed::Version(1).to_string(), "a frame of version 1, not 2");
    assert_eq!(read(&[]).unwrap_err(), Malformed::Bytes);
}

#[test]
fn huge_declared_lengths_are_not_believed() {
    let mut notes = beginning();
    put_uint(&mut notes, u64::MAX);
    let mut name = beginning();
    name.extend([0, SERIES]);
    put_uint(&mut name, u64::MAX);
    let mut tags = beginning();
    tags.extend([0, SERIES]);
    put_text(&mut tags, "checks");
    tags.extend([Kind::Rate as u8, 0]);
    put_uint(&mut tags, u64::MAX);
    for bytes in [notes, name, tags] {
        assert_eq!(read(&bytes).unwrap_err(), Malformed::Bytes);
    }
}

#[test]
fn what_no_worker_writes_is_refused() {
    let series = |kind: Kind, tags: &[u8], delta: &[u8]| {
        let mut out = beginning();
        out.extend([0, SERIES, 1, b'm', kind as u8, 0]);
        out.extend(tags);
        out.extend(delta);
        out.push(END);
        read(&out)
    };
    let unsorted = [2, 1, b'b', 1, b'x', 1, b'a', 1, b'x'];
    let twice = [2, 1, b'a', 1, b'x', 1, b'a', 1, b'y'];
    assert!(series(Kind::Rate, &[0], &[1, 2]).is_ok());
    assert!(series(Kind::Rate, &[0], &[3, 2]).is_err());
    assert!(series(Kind::Rate, &unsorted, &[1, 2]).is_err());
    assert!(series(Kind::Rate, &twice, &[1, 2]).is_err());
    assert!(series(Kind::Counter, &[0], &f64::NAN.to_le_bytes()).is_err());
    let mut many = Vec::new();
    [10, MOST_SAMPLES + 1, 0].into_iter().for_each(|value| put_uint(&mut many, value));
    assert!(series(Kind::Trend, &[0], &many).is_err());
}

#[test]
fn folding_takes_nothing_but_the_lower_bits_of_trends() {
    let values: Vec<f64> = (1..=10_000u32).map(|n| 5.0 + 20.0 * (f64::from(n) * 0.618_033_988_75).fract()).collect();
    let whole = sample(&values);
    let folded = fold(&whole, 7).unwrap();
    assert!(folded.len() < 1500 && whole.len() > 3 * folded.len(), "{} of {}", folded.len(), whole.len());
    let (before, after) = (read(&whole).unwrap(), read(&folded).unwrap());
    assert_eq!(after.head, before.head);
    for (was, is) in before.series.iter().zip(&after.series) {
        assert_eq!((&is.metric, &is.tags), (&was.metric, &was.tags));
        match (&was.sink, &is.sink) {
            (Sink::Trend(was), Sink::Trend(is)) => {
                assert_eq!((is.count(), is.sum(), is.min(), is.max()), (was.count(), was.sum(), was.min(), was.max()));
                for percent in [1.0, 50.0, 95.0, 99.9] {
                    let (was, is) = (was.percentile(percent), is.percentile(percent));
                    assert!((is - was).abs() <= was * 0.005, "p{percent}: {is} {was}");
                }
            }
            (was, is) => assert_eq!(format!("{is:?}"), format!("{was:?}")),
        }
    }
}

proptest! {
    #[test]
    fn folding_at_full_precision_or_once_more_changes_nothing(
        values in prop::collection::vec(-1e9..1e9f64, 0..100),
        precision in 0..=FULL_PRECISION,
    ) {
        let whole = sample(&values);
        prop_assert_eq!(fold(&whole, FULL_PRECISION).unwrap(), whole.clone());
        let folded = fold(&whole, precision).unwrap();
        prop_assert!(folded.len() <= whole.len());
        prop_assert_eq!(fold(&folded, precision).unwrap(), folded);
    }

    #[test]
    fn what_is_no_frame_is_not_folded(cut: prop::sample::Index, bytes: Vec<u8>) {
        let _ = fold(&bytes, 7);
        let whole = sample(&[0.5, 900.0]);
        prop_assert_eq!(fold(&whole[..cut.index(whole.len())], 7).unwrap_err(), Malformed::Bytes);
    }

    #[test]
    fn no_bytes_make_reading_panic(mut bytes: Vec<u8>) {
        let _ = read(&bytes);
        bytes.splice(0..0, beginning());
        let _ = read(&bytes);
    }

    #[test]
    fn a_frame_that_was_cut_or_goes_on_is_refused(cut: prop::sample::Index, more: u8) {
        let mut bytes = sample(&[0.5, 900.0, 0.0]);
        prop_assert!(read(&bytes[..cut.index(bytes.len())]).is_err());
        bytes.push(more);
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn no_damage_makes_reading_or_merging_panic(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = sample(&[0.5, 900.0, 0.0, 1e-3, -4.0]);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(frame) = read(&bytes) {
            let mut totals = Totals::default();
            totals.merge(&frame);
            totals.merge(&frame);
        }
    }
}
