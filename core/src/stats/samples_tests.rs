use super::*;
use crate::stats::{builtin, TagsId};
use proptest::prelude::*;

fn recorder_with(interner: &mut Interner, values: &[f64]) -> Recorder {
    let mut recorder = Recorder::default();
    let tags = interner.with(TagsId::EMPTY, &[("name", "/x")]);
    let series = recorder.series(builtin::ITERATION_DURATION, tags, interner);
    recorder.keep_samples();
    for value in values {
        recorder.add(series, *value);
    }
    recorder
}

#[test]
fn what_is_kept_is_read_with_its_series_and_kept_once() {
    let mut interner = Interner::default();
    let mut one = recorder_with(&mut interner, &[1.5, 2.5]);
    let mut other = recorder_with(&mut interner, &[0.0]);
    let mut bytes = Vec::new();
    assert!(write(&mut bytes, &mut [&mut one, &mut other], &interner));
    let samples = read(&bytes).unwrap();
    assert_eq!(samples.series.len(), 2);
    assert_eq!(samples.series[0].metric.name, "iteration_duration");
    assert_eq!(samples.series[0].tags, [("name".to_owned(), "/x".to_owned())]);
    let mut values: Vec<f64> = samples.taken.iter().map(|(_, _, value)| *value).collect();
    values.sort_by(f64::total_cmp);
    assert_eq!(values, [0.0, 1.5, 2.5]);
    assert!(samples.taken.is_sorted_by_key(|(_, wall_ns, _)| *wall_ns));
    assert!(!write(&mut bytes, &mut [&mut one, &mut other], &interner));
}

#[test]
fn nothing_is_kept_unless_asked_for_and_nothing_that_is_no_number() {
    let mut interner = Interner::default();
    let mut recorder = Recorder::default();
    let series = recorder.series(builtin::ITERATION_DURATION, TagsId::EMPTY, &interner);
    recorder.add(series, 1.0);
    assert!(recorder.take_kept().is_empty());
    let mut recorder = recorder_with(&mut interner, &[f64::NAN, f64::INFINITY]);
    assert!(recorder.take_kept().is_empty());
}

proptest! {
    #[test]
    fn damaged_bytes_are_refused_or_read_and_never_a_panic(cut in 0usize..200, flip in 0usize..200, with: u8) {
        let mut interner = Interner::default();
        let mut recorder = recorder_with(&mut interner, &[1.0, 2.0, 3.0]);
        let mut bytes = Vec::new();
        write(&mut bytes, &mut [&mut recorder], &interner);
        if let Some(byte) = bytes.get_mut(flip) {
            *byte ^= with;
        }
        bytes.truncate(bytes.len().saturating_sub(cut));
        let _ = read(&bytes);
    }
}
