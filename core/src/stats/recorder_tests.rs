//! What a recorder promises to those who record and to those who write frames.

use super::recorder::{Recorder, Sink};
use super::tags::{Interner, Kind, TagsId};
use super::{builtin, MetricId};

fn taken(recorder: &mut Recorder) -> Vec<(MetricId, Sink)> {
    let mut all = Vec::new();
    recorder.take(|metric, _, sink| all.push((metric, sink.clone())));
    all
}

#[test]
fn a_series_is_opened_once() {
    let (mut interner, mut recorder) = (Interner::default(), Recorder::default());
    let tags = interner.with(TagsId::EMPTY, &[("name", "/a")]);
    let one = recorder.series(builtin::HTTP_REQS, tags, &interner);
    assert_eq!(recorder.series(builtin::HTTP_REQS, tags, &interner), one);
    assert_ne!(recorder.series(builtin::HTTP_REQS, TagsId::EMPTY, &interner), one);
    assert_ne!(recorder.series(builtin::DATA_SENT, tags, &interner), one);
}

#[test]
fn each_kind_adds_up_in_its_own_way() {
    let (interner, mut recorder) = (Interner::default(), Recorder::default());
    for metric in [builtin::DATA_SENT, builtin::VUS, builtin::CHECKS, builtin::HTTP_REQ_WAITING] {
        let id = recorder.series(metric, TagsId::EMPTY, &interner);
        [3.0, 0.0, 5.0, 4.0].into_iter().for_each(|value| recorder.add(id, value));
    }
    let all = taken(&mut recorder);
    assert!(matches!(all[0].1, Sink::Counter(12.0)));
    assert!(matches!(all[1].1, Sink::Gauge { last: 4.0, min: 0.0, max: 5.0 }));
    assert!(matches!(all[2].1, Sink::Rate { trues: 3, total: 4 }));
    let Sink::Trend(histogram) = &all[3].1 else { panic!("a trend") };
    assert_eq!((histogram.count(), histogram.sum()), (4, 12.0));
    assert_eq!((histogram.min(), histogram.max()), (0.0, 5.0));
}

#[test]
fn many_values_of_a_trend_all_arrive_in_their_second() {
    let (interner, mut recorder) = (Interner::default(), Recorder::default());
    let id = recorder.series(builtin::HTTP_REQ_DURATION, TagsId::EMPTY, &interner);
    for count in [1u32, 127, 128, 129, 1000] {
        (0..count).for_each(|n| recorder.add(id, f64::from(n)));
        let all = taken(&mut recorder);
        let Sink::Trend(histogram) = &all[0].1 else { panic!("a trend") };
        assert_eq!((histogram.count(), histogram.max()), (u64::from(count), f64::from(count - 1)));
    }
}

#[test]
fn what_was_not_touched_since_the_last_frame_is_not_given() {
    let (interner, mut recorder) = (Interner::default(), Recorder::default());
    let [busy, idle] =
        [builtin::HTTP_REQS, builtin::CHECKS].map(|metric| recorder.series(metric, TagsId::EMPTY, &interner));
    recorder.add(idle, 1.0);
    taken(&mut recorder);
    recorder.add(busy, 1.0);
    let all = taken(&mut recorder);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].0, builtin::HTTP_REQS);
    assert!(taken(&mut recorder).is_empty());
}

#[test]
fn a_gauge_begins_anew_each_second() {
    let (interner, mut recorder) = (Interner::default(), Recorder::default());
    let id = recorder.series(builtin::VUS, TagsId::EMPTY, &interner);
    recorder.add(id, 9.0);
    taken(&mut recorder);
    recorder.add(id, 4.0);
    assert!(matches!(taken(&mut recorder)[0].1, Sink::Gauge { last: 4.0, min: 4.0, max: 4.0 }));
}

#[test]
fn sinks_of_different_kinds_do_not_mix() {
    for (one, other) in [(Kind::Counter, Kind::Rate), (Kind::Trend, Kind::Gauge)] {
        let (mut sink, mut stranger) = (Sink::new(one), Sink::new(other));
        sink.add(2.0);
        stranger.add(7.0);
        let before = format!("{sink:?}");
        sink.merge(&stranger);
        assert_eq!(format!("{sink:?}"), before);
    }
}
