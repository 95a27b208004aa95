use super::*;
use proptest::prelude::*;

fn of(values: &[f64]) -> Histogram {
    let mut histogram = Histogram::default();
    values
        .iter()
        .for_each(|value| assert!(histogram.record(*value)));
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

fn encoded(histogram: &Histogram, precision: u8) -> Vec<u8> {
    let mut out = Vec::new();
    histogram.encode(precision, &mut out);
    out
}

#[test]
fn an_empty_one_has_no_percentiles() {
    let empty = Histogram::default();
    assert!(empty.percentile(50.0).is_nan() && empty.min().is_nan() && empty.mean().is_nan());
    assert_eq!(empty.count(), 0);
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
fn a_busy_second_folds_to_about_a_kilobyte() {
    let mut histogram = Histogram::default();
    // Lognormal around 5 ms by Box and Muller, from a fixed low-discrepancy sequence.
    for n in 1..=10_000u32 {
        let (u, v) = (
            f64::from(n) / 10_001.0,
            (f64::from(n) * 0.618_033_988_75).fract(),
        );
        let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
        histogram.record((5.0f64.ln() + 0.5 * normal).exp());
    }
    let size = encoded(&histogram, 7).len();
    assert!(size <= 1500, "{size}");
}

proptest! {
    #[test]
    fn percentiles_are_within_a_thousandth(
        values in prop::collection::vec(1e-3..3.6e6f64, 1..300),
        percent in 0.0..=100.0f64,
    ) {
        let (is, should) = (of(&values).percentile(percent), exact(&values, percent));
        prop_assert!((is - should).abs() <= should * 1e-3, "{is} {should}");
    }

    #[test]
    fn merging_parts_is_recording_the_whole(
        values in prop::collection::vec(-1e6..1e6f64, 1..200),
        cut in 0usize..200,
    ) {
        let cut = cut.min(values.len());
        let (mut one, other, whole) = (of(&values[..cut]), of(&values[cut..]), of(&values));
        let mut reversed = of(&values[cut..]);
        reversed.merge(&of(&values[..cut]));
        one.merge(&other);
        for merged in [one, reversed] {
            prop_assert_eq!((merged.count(), merged.min(), merged.max()), (whole.count(), whole.min(), whole.max()));
            prop_assert!((merged.sum() - whole.sum()).abs() <= 1e-12 * values.iter().map(|v| v.abs()).sum::<f64>());
            for percent in [0.0, 1.0, 50.0, 95.0, 99.9, 100.0] {
                prop_assert_eq!(merged.percentile(percent), whole.percentile(percent));
            }
        }
    }

    #[test]
    fn encoding_at_full_precision_loses_nothing(values in prop::collection::vec(-1e9..1e9f64, 0..200)) {
        let histogram = of(&values);
        let back = Histogram::decode(&mut Bytes(&encoded(&histogram, PRECISION))).unwrap();
        prop_assert_eq!(encoded(&back, PRECISION), encoded(&histogram, PRECISION));
    }

    #[test]
    fn a_folded_one_is_within_a_hundredth(values in prop::collection::vec(1e-3..1e6f64, 1..200)) {
        let back = Histogram::decode(&mut Bytes(&encoded(&of(&values), 7))).unwrap();
        let (is, should) = (back.percentile(95.0), exact(&values, 95.0));
        prop_assert!((is - should).abs() <= should * 0.01);
    }

    #[test]
    fn cleared_it_is_as_new(values in prop::collection::vec(-1e9..1e9f64, 0..50)) {
        let mut histogram = of(&values);
        histogram.clear();
        prop_assert_eq!(encoded(&histogram, PRECISION), encoded(&Histogram::default(), PRECISION));
        histogram.record(7.0);
        prop_assert_eq!(histogram.percentile(50.0), 7.0);
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
        let _ = Histogram::decode(&mut Bytes(&bytes));
    }
}
