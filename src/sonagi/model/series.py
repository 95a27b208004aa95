"""One signal over a run: what it was at which second. Pure arithmetic over it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

Statistic = Literal["min", "max", "mean", "median", "sum", "first", "last"]

_STATISTICS: dict[Statistic, Callable[[tuple[float, ...]], float]] = {
    "min": min,
    "max": max,
    "mean": fmean,
    "median": median,
    "sum": sum,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
}


@dataclass(frozen=True, slots=True)
class Series:
    """`values[i]` was seen `at[i]` seconds after load began; `at` ascends, and is negative before it."""

    at: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.at)

    def __bool__(self) -> bool:
        return bool(self.at)

    def __iter__(self) -> Iterator[tuple[float, float]]:
        return zip(self.at, self.values, strict=True)

    def between(self, start: float, end: float) -> "Series":
        """The part from `start` to `end`, both included."""
        first, last = bisect_left(self.at, start), bisect_right(self.at, end)
        return Series(self.at[first:last], self.values[first:last])

    def stat(self, statistic: Statistic) -> float | None:
        """None when nothing was seen."""
        return _STATISTICS[statistic](self.values) if self.values else None

    def first_at(self, holds: Callable[[float], bool], lasting: int = 1) -> float | None:
        """When a value first fulfils `holds`, for `lasting` values in a row; None when never."""
        run = 0
        for place, value in enumerate(self.values):
            run = run + 1 if holds(value) else 0
            if run == lasting:
                return self.at[place - lasting + 1]
        return None

    def share(self, holds: Callable[[float], bool]) -> float:
        """Of all values, how many fulfil `holds`; 0 when nothing was seen."""
        return sum(map(holds, self.values)) / len(self.values) if self.values else 0.0
