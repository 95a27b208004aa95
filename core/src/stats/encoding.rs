//! A histogram as bytes: what a frame carries, and what is kept of a second.
//!
//! Precision, zeros, others; and if there are others: min, max, the sum and what rounding lost of it,
//! then for each sign the number of buckets, and of each its distance from the one before and its
//! count. Buckets may be folded to fewer bits: at 10 nothing is lost, at 7 (0.4 %) a busy second takes
//! about 1 KB. Extremes, count and sum stay exact at any precision.

use super::histogram::Histogram;
use super::octaves::{Octaves, PRECISION};
use super::wire::{put_float, put_uint, Bytes};

/// The exponent of infinity: the largest finite double's is one less.
const EXPONENTS: u64 = 0x7ff;

impl Histogram {
    /// Write it with `precision` bits of mantissa a value, at most 10.
    pub fn encode(&self, precision: u8, out: &mut Vec<u8>) {
        let precision = precision.min(PRECISION);
        out.push(precision);
        put_uint(out, self.zeros);
        put_uint(out, self.others);
        if self.others == 0 {
            return;
        }
        for value in [self.min, self.max, self.sum.0, self.sum.1] {
            put_float(out, value);
        }
        for side in [&self.above, &self.below] {
            let folded = fold(side, PRECISION - precision);
            put_uint(out, folded.len() as u64);
            let mut before = 0;
            for (index, count) in folded {
                put_uint(out, u64::from(index - before));
                put_uint(out, count);
                before = index;
            }
        }
    }

    /// Read what `encode` wrote; `None` for anything else. Memory goes with the octaves that the
    /// bytes really name, never with a length they declare.
    pub fn decode(bytes: &mut Bytes<'_>) -> Option<Self> {
        let precision = bytes.byte().filter(|precision| *precision <= PRECISION)?;
        let mut histogram = Self { zeros: bytes.uint()?, others: bytes.uint()?, ..Self::default() };
        if histogram.others == 0 {
            return Some(histogram);
        }
        (histogram.min, histogram.max) = (bytes.finite()?, bytes.finite()?);
        histogram.sum = (bytes.finite()?, bytes.finite()?);
        let above = read_side(bytes, precision, &mut histogram.above)?;
        let below = read_side(bytes, precision, &mut histogram.below)?;
        let complete = above.checked_add(below) == Some(histogram.others);
        let ordered = histogram.min <= histogram.max;
        // The sign of an extreme says which sides have values.
        let signs = (histogram.max > 0.0) == (above > 0) && (histogram.min < 0.0) == (below > 0);
        (complete && ordered && signs).then_some(histogram)
    }
}

/// Fill `side`, and give how many values it holds.
fn read_side(bytes: &mut Bytes<'_>, precision: u8, side: &mut Octaves) -> Option<u64> {
    let shift = PRECISION - precision;
    let (mut index, mut total) = (0u64, 0u64);
    for entry in 0..bytes.uint()? {
        let distance = bytes.uint()?;
        if distance == 0 && entry > 0 {
            return None;
        }
        index = index.checked_add(distance).filter(|index| *index < EXPONENTS << precision)?;
        let count = bytes.uint().filter(|count| *count > 0)?;
        total = total.checked_add(count)?;
        // What was folded is put into the middle of where it came from.
        let half = if shift == 0 { 0 } else { 1 << (shift - 1) };
        side.push(((index as u32) << shift) + half, count);
    }
    Some(total)
}

/// (bucket, count) with `shift` bits of the bucket let go.
fn fold(side: &Octaves, shift: u8) -> Vec<(u32, u64)> {
    let mut folded: Vec<(u32, u64)> = Vec::new();
    side.each(|index, count| match folded.last_mut() {
        Some((last, total)) if *last == index >> shift => *total = total.saturating_add(count),
        _ => folded.push((index >> shift, count)),
    });
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| assert!(histogram.record(*value)));
        histogram
    }

    fn encoded(histogram: &Histogram, precision: u8) -> Vec<u8> {
        let mut out = Vec::new();
        histogram.encode(precision, &mut out);
        out
    }

    fn decoded(bytes: &[u8]) -> Option<Histogram> {
        let mut rest = Bytes(bytes);
        Histogram::decode(&mut rest).filter(|_| rest.0.is_empty())
    }

    /// 10,000 values around 5 ms, lognormal by Box and Muller from a low-discrepancy sequence.
    fn busy_second() -> Histogram {
        let mut histogram = Histogram::default();
        for n in 1..=10_000u32 {
            let (u, v) = (f64::from(n) / 10_001.0, (f64::from(n) * 0.618_033_988_75).fract());
            let normal = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
            histogram.record((5.0f64.ln() + 0.5 * normal).exp());
        }
        histogram
    }

    #[test]
    fn a_busy_second_folds_to_about_a_kilobyte_and_keeps_what_is_exact() {
        let histogram = busy_second();
        let bytes = encoded(&histogram, 7);
        assert!(bytes.len() <= 1500, "{}", bytes.len());
        let back = decoded(&bytes).unwrap();
        assert_eq!((back.count(), back.sum()), (histogram.count(), histogram.sum()));
        assert_eq!((back.min(), back.max()), (histogram.min(), histogram.max()));
        for percent in [0.0, 50.0, 95.0, 99.9, 100.0] {
            let (is, was) = (back.percentile(percent), histogram.percentile(percent));
            assert!((is - was).abs() <= was * 0.005, "p{percent}: {is} {was}");
        }
    }

    #[test]
    fn only_zeros_take_three_bytes() {
        assert_eq!(encoded(&of(&[0.0, 0.0, -0.0]), 10), [10, 3, 0]);
        assert_eq!(decoded(&[10, 3, 0]).unwrap().count(), 3);
    }

    #[test]
    fn counts_over_32_bits_survive() {
        let mut histogram = Histogram::default();
        histogram.record_n(5.0, 1 << 40);
        assert_eq!(decoded(&encoded(&histogram, 10)).unwrap().count(), 1 << 40);
    }

    #[test]
    fn a_huge_number_of_buckets_is_not_believed() {
        let mut bytes = vec![10, 0, 1];
        [1.0, 1.0, 1.0, 0.0].into_iter().for_each(|value| put_float(&mut bytes, value));
        put_uint(&mut bytes, u64::MAX);
        assert!(decoded(&bytes).is_none());
    }

    proptest! {
        #[test]
        fn at_full_precision_nothing_is_lost(values in prop::collection::vec(-1e9..1e9f64, 0..200)) {
            let bytes = encoded(&of(&values), PRECISION);
            prop_assert_eq!(encoded(&decoded(&bytes).unwrap(), PRECISION), bytes);
        }

        #[test]
        fn folding_again_changes_nothing(
            values in prop::collection::vec(-1e9..1e9f64, 0..200),
            precision in 0..=PRECISION,
        ) {
            let bytes = encoded(&of(&values), precision);
            prop_assert_eq!(encoded(&decoded(&bytes).unwrap(), precision), bytes);
        }

        #[test]
        fn cut_short_it_is_refused(
            values in prop::collection::vec(-1e9..1e9f64, 0..50),
            cut: prop::sample::Index,
        ) {
            let bytes = encoded(&of(&values), PRECISION);
            prop_assert!(decoded(&bytes[..cut.index(bytes.len())]).is_none());
        }

        #[test]
        fn no_bytes_make_reading_or_asking_panic(bytes: Vec<u8>, percent in 0.0..=100.0f64) {
            if let Some(mut histogram) = decoded(&bytes) {
                let same = histogram.clone();
                histogram.merge(&same);
                let _ = (histogram.mean(), histogram.percentile(percent), encoded(&histogram, 7));
            }
        }

        #[test]
        fn no_damage_makes_reading_or_asking_panic(
            values in prop::collection::vec(-1e9..1e9f64, 1..50),
            at: prop::sample::Index,
            byte: u8,
            percent in 0.0..=100.0f64,
        ) {
            let mut bytes = encoded(&of(&values), PRECISION);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Some(mut histogram) = decoded(&bytes) {
                let same = histogram.clone();
                histogram.merge(&same);
                let _ = (histogram.mean(), histogram.percentile(percent), encoded(&histogram, 7));
            }
        }
    }
}
