use super::super::frame::{self, Delta, Head};
use super::super::tags::{Contains, Kind};
use super::super::Histogram;
use super::*;
use proptest::prelude::*;

fn metric(name: &str, kind: Kind) -> Metric {
    Metric { name: name.to_owned(), kind, contains: Contains::Default }
}

fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// A frame of one series.
fn frame(worker: u32, wall_ns: u64, metric: Metric, tags: Tags, values: &[f64]) -> Frame {
    let mut sink = Sink::new(metric.kind);
    values.iter().for_each(|value| sink.add(*value));
    Frame { head: Head { worker, wall_ns, ..Head::default() }, series: vec![Delta { metric, tags, sink }] }
}

fn users(worker: u32, wall_ns: u64, values: &[f64]) -> Frame {
    frame(worker, wall_ns, metric("vus", Kind::Gauge), Tags::new(), values)
}

fn gauge(totals: &Totals) -> (f64, f64, f64) {
    match totals.select("vus", &[]) {
        Some(Sink::Gauge { last, min, max }) => (last, min, max),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_selection_is_the_sum_of_the_series_that_carry_its_tags() {
    let mut totals = Totals::default();
    for (status, count) in [("200", 5.0), ("500", 2.0)] {
        let tags = tags(&[("name", "/a"), ("status", status)]);
        assert!(totals.add(&metric("http_reqs", Kind::Counter), &tags, &Sink::Counter(count)));
    }
    let count = |pairs: &[(&str, &str)]| match totals.select("http_reqs", &tags(pairs)) {
        Some(Sink::Counter(count)) => Some(count),
        _ => None,
    };
    assert_eq!(count(&[]), Some(7.0));
    assert_eq!(count(&[("name", "/a")]), Some(7.0));
    assert_eq!(count(&[("status", "500"), ("name", "/a")]), Some(2.0));
    assert_eq!(count(&[("status", "404")]), None);
    assert_eq!(count(&[("status", "500"), ("name", "/b")]), None);
    assert!(totals.select("nothing", &[]).is_none());
    assert_eq!(totals.series("http_reqs").count(), 2);
}

#[test]
fn a_metric_keeps_the_kind_it_was_first_seen_with() {
    let mut totals = Totals::default();
    assert!(totals.add(&metric("mine", Kind::Counter), &Tags::new(), &Sink::Counter(1.0)));
    assert!(!totals.add(&metric("mine", Kind::Rate), &Tags::new(), &Sink::new(Kind::Rate)));
    assert!(matches!(totals.select("mine", &[]), Some(Sink::Counter(1.0))));
    assert_eq!(totals.metrics().count(), 1);
}

#[test]
fn a_gauge_ends_with_the_latest_frame_whichever_comes_last() {
    let mut totals = Totals::default();
    totals.merge(&users(0, 2_000, &[5.0, 8.0]));
    totals.merge(&users(1, 1_000, &[1.0, 90.0, 3.0]));
    assert_eq!(gauge(&totals), (8.0, 1.0, 90.0));
}

#[test]
fn a_gauge_over_several_series_ends_with_the_one_heard_of_last() {
    let mut totals = Totals::default();
    for (scenario, wall, value) in [("a", 3_000, 7.0), ("b", 1_000, 4.0)] {
        let tags = tags(&[("scenario", scenario)]);
        totals.merge(&frame(0, wall, metric("vus", Kind::Gauge), tags, &[value]));
    }
    assert_eq!(gauge(&totals), (7.0, 4.0, 7.0));
}

#[test]
fn the_coordinators_own_samples_come_after_the_frames_it_has() {
    let mut totals = Totals::default();
    totals.merge(&users(9, 1_000, &[3.0]));
    totals.add(&metric("vus", Kind::Gauge), &Tags::new(), &users(0, 0, &[5.0]).series[0].sink);
    assert_eq!(gauge(&totals).0, 5.0);
}

#[test]
fn counts_go_on_over_32_bits() {
    let mut totals = Totals::default();
    let mut histogram = Histogram::default();
    histogram.record_n(5.0, u64::from(u32::MAX));
    let sink = Sink::Trend(histogram);
    for _ in 0..3 {
        totals.add(&metric("t", Kind::Trend), &Tags::new(), &sink);
    }
    let Some(Sink::Trend(sum)) = totals.select("t", &[]) else { panic!("a trend") };
    assert_eq!(sum.count(), 3 * u64::from(u32::MAX));
    assert!((sum.percentile(50.0) - 5.0).abs() < 0.005);
}

#[test]
fn a_frame_in_bytes_adds_up_to_the_same_however_often_its_series_were_seen() {
    let (mut read, mut merged) = (Totals::default(), Totals::default());
    let kinds = [("c", Kind::Counter), ("g", Kind::Gauge), ("r", Kind::Rate), ("t", Kind::Trend)];
    for second in 1..4u64 {
        for (name, kind) in kinds {
            let one = frame(1, second, metric(name, kind), tags(&[("name", "/a")]), &[second as f64, 0.0, 3e5]);
            read.merge(&one);
            let deltas = one.series.iter().map(|delta| (&delta.metric, &delta.tags, &delta.sink));
            assert_eq!(merged.merge_bytes(&frame::of(&one.head, deltas)).unwrap(), one.head);
        }
        assert_eq!(merged.frames(), read.frames());
    }
}

#[test]
fn of_bytes_that_are_no_frame_nothing_is_added() {
    let one = frame(1, 5, metric("c", Kind::Counter), tags(&[("name", "/a")]), &[1.0]);
    let bytes = frame::of(&one.head, one.series.iter().map(|delta| (&delta.metric, &delta.tags, &delta.sink)));
    let mut unsorted = bytes.clone();
    let mut totals = Totals::default();
    for cut in 0..bytes.len() {
        assert!(totals.merge_bytes(&bytes[..cut]).is_err());
    }
    // Text that is none, where names are.
    let at = unsorted.windows(2).position(|two| two == b"/a").unwrap();
    unsorted[at] = 0xff;
    assert!(totals.merge_bytes(&unsorted).is_err());
    assert_eq!(totals.metrics().count(), 0);
    assert!(totals.merge_bytes(&bytes).is_ok());
}

#[test]
fn a_series_of_another_kind_than_its_metric_is_passed_over_each_time() {
    let mut totals = Totals::default();
    for (kind, value) in [(Kind::Counter, 2.0), (Kind::Rate, 1.0), (Kind::Rate, 1.0), (Kind::Counter, 3.0)] {
        let one = frame(0, 1, metric("mine", kind), Tags::new(), &[value]);
        let deltas = one.series.iter().map(|delta| (&delta.metric, &delta.tags, &delta.sink));
        totals.merge_bytes(&frame::of(&one.head, deltas)).unwrap();
    }
    assert!(matches!(totals.select("mine", &[]), Some(Sink::Counter(5.0))));
}

/// What a sink holds, however it holds it.
fn shown(sink: Option<Sink>) -> String {
    match sink {
        Some(Sink::Trend(histogram)) => {
            let mut bytes = Vec::new();
            histogram.encode(10, &mut bytes);
            format!("{bytes:?}")
        }
        other => format!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn the_order_of_frames_changes_nothing(
        frames in prop::collection::vec((0u32..4, 0u64..5, prop::collection::vec(-1e6..1e6f64, 1..9)), 1..12)
            // One worker's frames are at different times.
            .prop_map(|mut all| { all.sort_by_key(|f| (f.0, f.1)); all.dedup_by_key(|f| (f.0, f.1)); all })
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let merged = |frames: &[(u32, u64, Vec<f64>)]| {
            let mut totals = Totals::default();
            for (worker, wall, values) in frames {
                totals.merge(&users(*worker, *wall, values));
                totals.merge(&frame(*worker, *wall, metric("t", Kind::Trend), Tags::new(), values));
                totals.merge(&frame(*worker, *wall, metric("r", Kind::Rate), Tags::new(), values));
            }
            let Some(Sink::Trend(t)) = totals.select("t", &[]) else { panic!("a trend") };
            let Some(Sink::Rate { trues, total }) = totals.select("r", &[]) else { panic!("a rate") };
            let exact = (t.count(), t.min(), t.max(), t.percentile(50.0), t.percentile(99.0));
            ((gauge(&totals), exact, trues, total), t.sum())
        };
        let (one, other) = (merged(&frames.0), merged(&frames.1));
        prop_assert_eq!(one.0, other.0);
        prop_assert!((one.1 - other.1).abs() <= 1e-12 * one.1.abs().max(1.0));
    }

    #[test]
    fn kept_as_frames_totals_are_what_they_were(
        frames in prop::collection::vec((0u32..3, 0u64..5, 0usize..3, prop::collection::vec(-1e6..1e6f64, 1..9)), 0..12),
    ) {
        let mut totals = Totals::default();
        for (worker, wall, name, values) in &frames {
            for (metric_name, kind) in [("c", Kind::Counter), ("g", Kind::Gauge), ("r", Kind::Rate), ("t", Kind::Trend)] {
                let tags = tags(&[("name", ["/a", "/b", "/c"][*name])]);
                totals.merge(&frame(*worker, *wall, metric(metric_name, kind), tags, values));
            }
        }
        totals.add(&metric("vus", Kind::Gauge), &Tags::new(), &users(0, 0, &[5.0]).series[0].sink);
        let mut kept = Totals::default();
        totals.frames().iter().for_each(|bytes| kept.merge(&frame::read(bytes).unwrap()));
        prop_assert_eq!(kept.frames(), totals.frames());
        for (name, pairs) in [("c", vec![]), ("g", vec![]), ("r", vec![("name", "/a")]), ("t", vec![]), ("vus", vec![])] {
            let (was, is) = (totals.select(name, &tags(&pairs)), kept.select(name, &tags(&pairs)));
            prop_assert_eq!(shown(is), shown(was));
        }
    }
}
