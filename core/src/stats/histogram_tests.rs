use super::*;
use proptest::prelude::*;

fn of(values: &[f64]) -> Histogram {
    let mut histogram = Histogram::default();
    values.iter().for_each(|value| assert!(histogram.record(*value)));
    histogram
}

/// k6's percentile, on all the values (metrics/sink.go).
fn exact(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = percent / 100.0 * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    low + (high - low) * rank.fract()
}

/// All that may not depend on the order in which values came.
fn facts(histogram: &Histogram) -> (u64, f64, f64, Vec<f64>) {
    let percents = [0.0, 0.1, 1.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0];
    let percentiles = percents.map(|percent| histogram.percentile(percent)).to_vec();
    (histogram.count(), histogram.min(), histogram.max(), percentiles)
}

/// Times in ms from 1 µs to 1 h, each octave as likely as another.
fn time() -> impl Strategy<Value = f64> {
    (1e-3f64.ln()..3.6e6f64.ln()).prop_map(f64::exp)
}

/// Times of both signs, and zeros.
fn any_time() -> impl Strategy<Value = f64> {
    prop_oneof![time(), time().prop_map(|value| -value), Just(0.0)]
}

#[test]
fn an_empty_one_has_no_percentiles() {
    let empty = Histogram::default();
    assert!(empty.percentile(50.0).is_nan() && empty.min().is_nan() && empty.mean().is_nan());
    assert_eq!((empty.count(), empty.sum()), (0, 0.0));
}

#[test]
fn what_is_no_finite_number_is_not_recorded() {
    let mut histogram = Histogram::default();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(!histogram.record(value));
    }
    assert_eq!(histogram.count(), 0);
}

#[test]
fn negative_values_zeros_and_extremes_are_ordered() {
    let histogram = of(&[-5.0, 3.0, 0.0, -1e-300, 1e300]);
    assert_eq!((histogram.min(), histogram.max()), (-5.0, 1e300));
    assert_eq!(histogram.percentile(50.0), 0.0);
    assert!((histogram.percentile(75.0) - 3.0).abs() < 0.003);
}

#[test]
fn zeros_move_the_extremes_of_what_else_there_is() {
    assert_eq!((of(&[0.0, 4.0]).min(), of(&[0.0, 4.0]).max()), (0.0, 4.0));
    assert_eq!((of(&[-0.0, -4.0]).min(), of(&[-0.0, -4.0]).max()), (-4.0, 0.0));
    assert_eq!(of(&[0.0, 0.0]).percentile(99.0), 0.0);
}

#[test]
fn one_value_is_every_percentile_exactly() {
    for value in [0.1, 5e-324, f64::MAX, -7.3] {
        assert_eq!(of(&[value]).percentile(63.0), value);
    }
}

#[test]
fn values_beyond_all_sums_make_no_nan() {
    let mut histogram = of(&[f64::MAX, f64::MAX, f64::MIN]);
    assert!(histogram.sum().is_finite());
    assert!(histogram.percentile(25.0).is_finite());
    let same = histogram.clone();
    histogram.merge(&same);
    assert!(histogram.mean().is_finite());
}

#[test]
fn a_sum_keeps_what_a_double_would_lose() {
    let mut histogram = of(&[1e16]);
    (0..100_000).for_each(|_| assert!(histogram.record(1.0)));
    assert_eq!(histogram.sum(), 1e16 + 1e5);
}

#[test]
fn a_value_recorded_many_times_at_once_is_recorded_as_often() {
    let mut histogram = Histogram::default();
    assert!(histogram.record_n(2.0, 1 << 33) && histogram.record_n(0.0, 3));
    assert!(histogram.record_n(9.0, 0) && !histogram.record_n(f64::NAN, 0));
    assert_eq!((histogram.count(), histogram.max()), ((1 << 33) + 3, 2.0));
    assert_eq!(histogram.sum(), (1u64 << 34) as f64);
}

#[test]
fn counts_stop_at_the_end_and_do_not_wrap() {
    let mut histogram = Histogram::default();
    for value in [3.0, -3.0, 0.0] {
        histogram.record_n(value, u64::MAX);
    }
    let same = histogram.clone();
    histogram.merge(&same);
    assert_eq!(histogram.count(), u64::MAX);
    assert!((-3.0..=3.0).contains(&histogram.percentile(50.0)));
}

proptest! {
    #[test]
    fn percentiles_are_within_a_thousandth(
        values in prop::collection::vec(time(), 1..300),
        percent in 0.0..=100.0f64,
    ) {
        let (is, should) = (of(&values).percentile(percent), exact(&values, percent));
        prop_assert!((is - should).abs() <= should * 1e-3, "{is} {should}");
    }

    #[test]
    fn a_higher_percentile_is_never_a_lower_value(
        values in prop::collection::vec(any_time(), 1..100),
        mut percents in prop::collection::vec(0.0..=100.0f64, 2..20),
    ) {
        percents.sort_by(f64::total_cmp);
        let histogram = of(&values);
        let found: Vec<f64> = percents.iter().map(|p| histogram.percentile(*p)).collect();
        // Within one interval interpolation rounds.
        let rounding = 1e-12 * (histogram.max() - histogram.min());
        prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1] + rounding), "{found:?}");
    }

    #[test]
    fn merging_parts_in_any_way_is_recording_the_whole(
        parts in prop::collection::vec(prop::collection::vec(any_time(), 0..80), 3),
    ) {
        let whole = of(&parts.concat());
        let [a, b, c] = [0, 1, 2].map(|part| of(&parts[part]));
        let merged = |one: &Histogram, other: &Histogram| {
            let mut sum = one.clone();
            sum.merge(other);
            sum
        };
        let all: f64 = parts.concat().iter().map(|value| value.abs()).sum();
        for sum in [merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)), merged(&c, &merged(&b, &a))] {
            // Written out, since an empty one's extremes are NaN.
            prop_assert_eq!(format!("{:?}", facts(&sum)), format!("{:?}", facts(&whole)));
            prop_assert!((sum.sum() - whole.sum()).abs() <= 1e-12 * all);
        }
    }

    #[test]
    fn cleared_it_is_as_new(before in prop::collection::vec(any_time(), 0..50), after in prop::collection::vec(any_time(), 1..50)) {
        let mut histogram = of(&before);
        histogram.clear();
        prop_assert!(histogram.count() == 0 && histogram.sum() == 0.0 && histogram.max().is_nan());
        after.iter().for_each(|value| assert!(histogram.record(*value)));
        prop_assert_eq!(facts(&histogram), facts(&of(&after)));
    }
}
