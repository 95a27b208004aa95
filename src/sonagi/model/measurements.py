"""What can be asked of a run's numbers. The core's `Totals` and `Histogram` answer."""

from collections.abc import Mapping
from typing import Protocol


class Distribution(Protocol):
    """All values of a trend, in constant memory: percentiles within 0.1 %, the rest exact."""

    @property
    def count(self) -> int: ...
    @property
    def sum(self) -> float: ...
    @property
    def min(self) -> float: ...
    @property
    def max(self) -> float: ...
    @property
    def mean(self) -> float: ...

    def percentile(self, percent: float, /) -> float:
        """The value at `percent`, 0 to 100: k6's linear interpolation. NaN when empty."""


class Measurements(Protocol):
    """Every answer is a sum over the series that carry all of `tags`, and None when there is none."""

    def metrics(self) -> list[tuple[str, str, str]]:
        """(name, kind, contains) of each metric seen so far."""

    def series(self, metric: str, /) -> list[dict[str, str]]:
        """The tags of each series of `metric`."""

    def counter(self, metric: str, tags: Mapping[str, str] | None = None) -> float | None:
        """The sum."""

    def gauge(self, metric: str, tags: Mapping[str, str] | None = None) -> tuple[float, float, float] | None:
        """(last, min, max)."""

    def rate(self, metric: str, tags: Mapping[str, str] | None = None) -> tuple[int, int] | None:
        """(trues, total)."""

    def trend(self, metric: str, tags: Mapping[str, str] | None = None) -> Distribution | None:
        """The distribution."""
