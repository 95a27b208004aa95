//! A distribution in constant memory: log-linear, relative error at most 2⁻¹¹ (0.05 %) a value.
//!
//! A value's bucket is the upper bits of its IEEE 754 form: sign, exponent, and the first 10 bits of
//! the mantissa. So an octave has 1,024 buckets, each at most 2⁻¹⁰ of its value wide, and is
//! represented by its middle. Octaves are allocated as they are touched (8 KB each); zeros, which
//! most phases of an exchange on a kept connection are, are only counted. Count, minimum and maximum
//! are exact, the sum to about 2⁻¹⁰⁰.
//!
//! Any finite value can be recorded. It does not decay and knows nothing of time.

use super::wire::{put_float, put_int, put_uint, Bytes};

/// Bits of the mantissa that tell buckets apart.
pub const PRECISION: u8 = 10;
const BUCKETS: usize = 1 << PRECISION;
const DROPPED_BITS: u32 = 52 - PRECISION as u32;

#[derive(Clone, Debug, Default)]
pub struct Histogram {
    count: u64,
    zeros: u64,
    min: f64,
    max: f64,
    sum: (f64, f64),
    /// Octaves from `first` on, of positive values.
    above: Side,
    /// The same for negative values, by magnitude.
    below: Side,
}

#[derive(Clone, Debug, Default)]
struct Side {
    first: u32,
    octaves: Vec<Option<Box<Octave>>>,
}

#[derive(Clone, Debug)]
struct Octave {
    total: u64,
    buckets: [u64; BUCKETS],
}

impl Side {
    fn octave(&mut self, exponent: u32) -> &mut Octave {
        if self.octaves.is_empty() {
            self.first = exponent;
        }
        if exponent < self.first {
            let missing = (self.first - exponent) as usize;
            self.octaves
                .splice(0..0, std::iter::repeat_with(|| None).take(missing));
            self.first = exponent;
        }
        let at = (exponent - self.first) as usize;
        if at >= self.octaves.len() {
            self.octaves.resize_with(at + 1, || None);
        }
        self.octaves[at].get_or_insert_with(|| {
            Box::new(Octave {
                total: 0,
                buckets: [0; BUCKETS],
            })
        })
    }

    fn add(&mut self, index: u32, times: u64) {
        let octave = self.octave(index >> PRECISION);
        octave.total += times;
        octave.buckets[index as usize & (BUCKETS - 1)] += times;
    }

    fn clear(&mut self) {
        for octave in self
            .octaves
            .iter_mut()
            .flatten()
            .filter(|octave| octave.total > 0)
        {
            octave.total = 0;
            octave.buckets.fill(0);
        }
    }

    /// (bucket, count) of what is not empty, by rising magnitude.
    fn filled(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> + '_ {
        self.octaves
            .iter()
            .enumerate()
            .filter_map(|(at, octave)| Some((at, octave.as_ref()?)))
            .flat_map(move |(at, octave)| {
                let base = (self.first + at as u32) << PRECISION;
                let used = if octave.total > 0 {
                    &octave.buckets[..]
                } else {
                    &[]
                };
                used.iter()
                    .enumerate()
                    .filter(|(_, count)| **count > 0)
                    .map(move |(bucket, count)| (base + bucket as u32, *count))
            })
    }
}

/// The bucket of a magnitude.
fn index_of(magnitude: f64) -> u32 {
    (magnitude.to_bits() >> DROPPED_BITS) as u32
}

/// The middle of a bucket that was folded to `precision` bits.
fn middle(index: u32, precision: u8) -> f64 {
    let shift = u32::from(PRECISION - precision);
    let low = u64::from(index >> shift << shift) << DROPPED_BITS;
    let half = 1u64 << (DROPPED_BITS + shift - 1);
    f64::from_bits(low + half)
}

impl Histogram {
    /// Record `value`; false, and nothing recorded, when it is no finite number.
    pub fn record(&mut self, value: f64) -> bool {
        self.record_many(value, 1)
    }

    pub fn record_many(&mut self, value: f64, times: u64) -> bool {
        if !value.is_finite() || times == 0 {
            return value.is_finite();
        }
        self.note_extremes(value, value);
        self.count += times;
        if value == 0.0 {
            self.zeros += times;
            return true;
        }
        let side = if value > 0.0 {
            &mut self.above
        } else {
            &mut self.below
        };
        side.add(index_of(value.abs()), times);
        self.add_to_sum(value * times as f64);
        true
    }

    fn note_extremes(&mut self, min: f64, max: f64) {
        if self.count == 0 {
            (self.min, self.max) = (min, max);
        } else {
            self.min = self.min.min(min);
            self.max = self.max.max(max);
        }
    }

    /// Knuth's two-sum: what rounding loses is kept beside.
    fn add_to_sum(&mut self, value: f64) {
        let sum = self.sum.0 + value;
        let part = sum - self.sum.0;
        let lost = (self.sum.0 - (sum - part)) + (value - part);
        self.sum = (sum, self.sum.1 + lost);
    }

    pub fn merge(&mut self, other: &Histogram) {
        if other.count == 0 {
            return;
        }
        self.note_extremes(other.min, other.max);
        self.count += other.count;
        self.zeros += other.zeros;
        self.add_to_sum(other.sum.0);
        self.add_to_sum(other.sum.1);
        other
            .above
            .filled()
            .for_each(|(index, count)| self.above.add(index, count));
        other
            .below
            .filled()
            .for_each(|(index, count)| self.below.add(index, count));
    }

    /// Forget all values; octaves stay allocated.
    pub fn clear(&mut self) {
        if self.count > self.zeros {
            self.above.clear();
            self.below.clear();
        }
        (self.count, self.zeros, self.sum) = (0, 0, (0.0, 0.0));
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn sum(&self) -> f64 {
        self.sum.0 + self.sum.1
    }

    pub fn min(&self) -> f64 {
        if self.count == 0 {
            f64::NAN
        } else {
            self.min
        }
    }

    pub fn max(&self) -> f64 {
        if self.count == 0 {
            f64::NAN
        } else {
            self.max
        }
    }

    pub fn mean(&self) -> f64 {
        self.sum() / self.count as f64
    }

    /// The value at `percent` (0 to 100), NaN when empty: interpolated linearly between the order
    /// statistics around percent/100 · (n − 1), as k6 does (metrics/sink.go), each within 0.05 %.
    pub fn percentile(&self, percent: f64) -> f64 {
        if self.count == 0 || percent.is_nan() {
            return f64::NAN;
        }
        let rank = percent.clamp(0.0, 100.0) / 100.0 * (self.count - 1) as f64;
        let (lower, part) = (rank.floor() as u64, rank.fract());
        let low = self.order_statistic(lower);
        if part == 0.0 {
            return low;
        }
        low + (self.order_statistic(lower + 1) - low) * part
    }

    /// The value with `rank` smaller ones before it.
    fn order_statistic(&self, rank: u64) -> f64 {
        if rank == 0 {
            return self.min;
        }
        if rank + 1 >= self.count {
            return self.max;
        }
        let negative = self
            .below
            .filled()
            .rev()
            .map(|(index, count)| (-middle(index, PRECISION), count));
        let positive = self
            .above
            .filled()
            .map(|(index, count)| (middle(index, PRECISION), count));
        let mut passed = 0;
        let found = negative
            .chain([(0.0, self.zeros)])
            .chain(positive)
            .find(|(_, count)| {
                passed += count;
                passed > rank
            });
        found
            .map_or(self.max, |(value, _)| value)
            .clamp(self.min, self.max)
    }

    /// Write it with `precision` (1 to 10) bits: 10 keeps everything, 7 a second in about 1 KB.
    pub fn encode(&self, precision: u8, out: &mut Vec<u8>) {
        let precision = precision.clamp(1, PRECISION);
        out.push(precision);
        put_uint(out, self.count);
        if self.count == 0 {
            return;
        }
        put_uint(out, self.zeros);
        for value in [self.min, self.max, self.sum.0, self.sum.1] {
            put_float(out, value);
        }
        for side in [&self.above, &self.below] {
            let folded = fold(side, PRECISION - precision);
            put_uint(out, folded.len() as u64);
            let mut before = 0;
            for (index, count) in folded {
                put_int(out, i64::from(index) - before);
                put_uint(out, count);
                before = i64::from(index);
            }
        }
    }

    /// Read what `encode` wrote; `None` for anything else.
    pub fn decode(bytes: &mut Bytes<'_>) -> Option<Self> {
        let precision = bytes
            .byte()
            .filter(|precision| (1..=PRECISION).contains(precision))?;
        let mut histogram = Self {
            count: bytes.uint()?,
            ..Self::default()
        };
        if histogram.count == 0 {
            return Some(histogram);
        }
        histogram.zeros = bytes.uint()?;
        (histogram.min, histogram.max) = (bytes.float()?, bytes.float()?);
        histogram.sum = (bytes.float()?, bytes.float()?);
        let mut seen = histogram.zeros;
        for negative in [false, true] {
            let mut before = 0i64;
            for _ in 0..bytes.uint()? {
                before = before.checked_add(bytes.int()?)?;
                // The largest finite double ends the last octave.
                let folded = u64::try_from(before)
                    .ok()
                    .filter(|index| *index < 0x7ff << precision)?;
                let count = bytes.uint()?;
                seen = seen.checked_add(count)?;
                let full = (folded as u32) << (PRECISION - precision);
                let centre = if precision == PRECISION {
                    full
                } else {
                    full + (1 << (PRECISION - precision - 1))
                };
                let side = if negative {
                    &mut histogram.below
                } else {
                    &mut histogram.above
                };
                side.add(centre, count);
            }
        }
        let ordered = histogram.min <= histogram.max;
        (seen == histogram.count && ordered).then_some(histogram)
    }
}

fn fold(side: &Side, shift: u8) -> Vec<(u32, u64)> {
    let mut folded: Vec<(u32, u64)> = Vec::new();
    for (index, count) in side.filled() {
        match folded.last_mut() {
            Some((last, total)) if *last == index >> shift => *total += count,
            _ => folded.push((index >> shift, count)),
        }
    }
    folded
}

#[cfg(test)]
#[path = "histogram_tests.rs"]
mod tests;
