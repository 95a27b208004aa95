"""Values of a trend, as many as may come, in constant memory."""

from collections import Counter
from math import ceil, exp, log

from sonagi.model.quantity import Reading
from sonagi.model.traffic import Trend

WIDTH = 0.01
"""A percentile is known to half of this: values of one bucket differ by 1 % at most."""
PERCENTILES = (75.0, 90.0, 95.0, 99.0, 99.9)
_PER_LOG = 1 / log(1 + WIDTH)
_ZERO = -(1 << 30)
"""The bucket of what is 0 or less."""


class Distribution:
    """Count, mean and extremes exactly; percentiles with the bounds of their bucket."""

    __slots__ = ("_buckets", "count", "least", "most", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0.0
        self.least = float("inf")
        self.most = float("-inf")
        self._buckets: Counter[int] = Counter()

    def add(self, value: float) -> None:
        """One more value."""
        self.count += 1
        self.total += value
        if value < self.least:
            self.least = value
        if value > self.most:
            self.most = value
        self._buckets[int(log(value) * _PER_LOG // 1) if value > 0 else _ZERO] += 1

    def percentile(self, percent: float) -> Reading | None:
        """The value below which `percent` of them lie."""
        if not self.count:
            return None
        wanted, passed = max(ceil(percent / 100 * self.count), 1), 0
        for bucket in sorted(self._buckets):
            passed += self._buckets[bucket]
            if passed >= wanted:
                return self._within(bucket)
        return self._within(max(self._buckets))

    def _within(self, bucket: int) -> Reading:
        if bucket == _ZERO:
            return Reading.exact(min(0.0, self.least))
        low, high = exp(bucket / _PER_LOG), exp((bucket + 1) / _PER_LOG)
        low, high = min(max(low, self.least), self.most), max(min(high, self.most), self.least)
        return Reading((low + high) / 2, low, high)

    def trend(self) -> Trend:
        """As a diagnosis knows it."""
        if not self.count:
            return Trend()
        percentiles = {percent: found for percent in PERCENTILES if (found := self.percentile(percent))}
        return Trend(
            Reading.exact(self.total / self.count),
            Reading.exact(self.least),
            self.percentile(50),
            Reading.exact(self.most),
            percentiles,
            self.count,
        )
