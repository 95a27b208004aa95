//! A distribution in constant memory: log-linear, relative error at most 2⁻¹¹ (0.05 %) a value.
//!
//! A value's bucket is the upper bits of its IEEE 754 form: sign, exponent, and the first 10 bits of
//! the mantissa. So an octave has 1,024 buckets, each at most 2⁻¹⁰ of its value wide, and is
//! represented by its middle. Octaves are allocated as they are touched (4 KB each); zeros, which
//! most phases of an exchange on a kept connection are, are only counted. Count, minimum and maximum
//! are exact, the sum to about 2⁻¹⁰⁰.
//!
//! Any finite value can be recorded, of either sign. It does not decay and knows nothing of time or
//! of the order in which values came.

use super::octaves::{Octaves, PRECISION};

/// Bits of the mantissa that are kept: at these an encoded histogram has lost nothing.
pub const FULL_PRECISION: u8 = PRECISION;
const DROPPED_BITS: u32 = 52 - PRECISION as u32;

/// Counts stop at 2⁶⁴ − 1, they do not wrap; a thousand years of any load end before.
#[derive(Clone, Debug)]
pub struct Histogram {
    /// Apart from all else, so that a zero costs one addition.
    pub(super) zeros: u64,
    /// Values that are not zero; so are `min` and `max` (infinite while there are none).
    pub(super) others: u64,
    pub(super) min: f64,
    pub(super) max: f64,
    /// Rounded, and what rounding lost. Always finite.
    pub(super) sum: (f64, f64),
    pub(super) above: Octaves,
    /// Negative values, by magnitude.
    pub(super) below: Octaves,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            zeros: 0,
            others: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: (0.0, 0.0),
            above: Octaves::default(),
            below: Octaves::default(),
        }
    }
}

/// The bucket of a magnitude.
fn index_of(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> DROPPED_BITS) as u32
}

/// The middle of a bucket.
fn middle(index: u32) -> f64 {
    f64::from_bits((u64::from(index) << DROPPED_BITS) + (1 << (DROPPED_BITS - 1)))
}

impl Histogram {
    /// Record `value`; false, and nothing recorded, when it is no finite number.
    #[inline]
    pub fn record(&mut self, value: f64) -> bool {
        if value == 0.0 {
            self.zeros = self.zeros.saturating_add(1);
            return true;
        }
        self.record_n(value, 1)
    }

    /// Record `value` `times` times.
    #[inline]
    pub fn record_n(&mut self, value: f64, times: u64) -> bool {
        if !value.is_finite() {
            return false;
        }
        if value == 0.0 {
            self.zeros = self.zeros.saturating_add(times);
        } else if times > 0 {
            self.others = self.others.saturating_add(times);
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.add_to_sum(value * times as f64);
            let side = if value > 0.0 { &mut self.above } else { &mut self.below };
            side.add(index_of(value.abs()), times);
        }
        true
    }

    /// Knuth's two-sum: what rounding loses is kept beside.
    #[inline]
    fn add_to_sum(&mut self, value: f64) {
        let sum = self.sum.0 + value;
        let part = sum - self.sum.0;
        let lost = (self.sum.0 - (sum - part)) + (value - part);
        self.sum = (sum, self.sum.1 + lost);
        if !(self.sum.0 + self.sum.1).is_finite() {
            // Beyond all doubles: the largest one, so that no NaN comes of it.
            self.sum = (sum.clamp(f64::MIN, f64::MAX), 0.0);
        }
    }

    /// Add all that `other` recorded: as if it had been recorded here, in whatever order.
    pub fn merge(&mut self, other: &Histogram) {
        self.zeros = self.zeros.saturating_add(other.zeros);
        if other.others > 0 {
            self.others = self.others.saturating_add(other.others);
            self.min = self.min.min(other.min);
            self.max = self.max.max(other.max);
            self.add_to_sum(other.sum.0);
            self.add_to_sum(other.sum.1);
            self.above.merge(&other.above);
            self.below.merge(&other.below);
        }
    }

    /// Forget all values; octaves stay allocated.
    pub fn clear(&mut self) {
        self.zeros = 0;
        if self.others > 0 {
            (self.others, self.sum) = (0, (0.0, 0.0));
            (self.min, self.max) = (f64::INFINITY, f64::NEG_INFINITY);
            self.above.clear();
            self.below.clear();
        }
    }

    pub fn count(&self) -> u64 {
        self.zeros.saturating_add(self.others)
    }

    pub fn sum(&self) -> f64 {
        self.sum.0 + self.sum.1
    }

    /// The smallest value, exactly. NaN when empty, as `max` and `mean` are.
    pub fn min(&self) -> f64 {
        match (self.zeros, self.others) {
            (0, 0) => f64::NAN,
            (0, _) => self.min,
            _ => self.min.min(0.0),
        }
    }

    pub fn max(&self) -> f64 {
        match (self.zeros, self.others) {
            (0, 0) => f64::NAN,
            (0, _) => self.max,
            _ => self.max.max(0.0),
        }
    }

    pub fn mean(&self) -> f64 {
        self.sum() / self.count() as f64
    }

    /// The value at `percent` (0 to 100), NaN when empty: interpolated linearly between the order
    /// statistics around percent/100 · (n − 1), as k6 does (metrics/sink.go), each within 0.05 %.
    pub fn percentile(&self, percent: f64) -> f64 {
        if self.count() == 0 || percent.is_nan() {
            return f64::NAN;
        }
        let rank = percent.clamp(0.0, 100.0) / 100.0 * (self.count() - 1) as f64;
        let (lower, part) = (rank.floor() as u64, rank.fract());
        let low = self.order_statistic(lower);
        if part == 0.0 {
            return low;
        }
        let high = self.order_statistic(lower.saturating_add(1));
        // The distance of two finite numbers may be infinite.
        (low + (high - low) * part).clamp(low, high)
    }

    /// The value with `rank` smaller ones before it: its bucket's middle, or an exact extreme.
    fn order_statistic(&self, rank: u64) -> f64 {
        let (min, max) = (self.min(), self.max());
        if rank == 0 {
            return min;
        }
        if rank >= self.count() - 1 {
            return max;
        }
        let negative = self.below.total();
        let found = if rank < negative {
            self.below.find(negative - 1 - rank).map(|index| -middle(index))
        } else if rank - negative < self.zeros {
            Some(0.0)
        } else {
            self.above.find(rank - negative - self.zeros).map(middle)
        };
        found.unwrap_or(max).clamp(min, max)
    }
}

#[cfg(test)]
#[path = "histogram_tests.rs"]
mod tests;
