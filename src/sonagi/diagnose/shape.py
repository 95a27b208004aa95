"""The shape of a signal over time: warming up, growing, following another one.

Each test has a gate against what load tests are full of: autocorrelation, the sawtooth of a garbage
collector, single outliers. Without the gates, textbook tests cry wolf in most healthy runs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil, erfc, log, sqrt
from statistics import NormalDist, fmean, median

from sonagi.model.series import Series

SIGNIFICANT = 0.01
BATCH = 5
"""Values that MSER-5 takes together."""
WINDOWS = (12, 20)
"""How many windows a growth is judged by: fewer say nothing, more are made longer instead."""
PER_WINDOW = 5
"""Samples in a window at least, so that its least one can be its floor."""


def warm_up(values: Sequence[float]) -> int | None:
    """How many values at the start do not belong to the steady rest (MSER-5, White 1997: the cut that leaves
    the least standard error of the mean, over batches of five). None when more than half would go: nothing
    was steady then, or too little was seen to tell."""
    batches = [fmean(values[at : at + BATCH]) for at in range(0, len(values) - BATCH + 1, BATCH)]
    if len(batches) < 2 * BATCH:
        return None
    errors = []
    for cut in range(len(batches) - BATCH + 1):
        rest = batches[cut:]
        middle = fmean(rest)
        errors.append(sum((value - middle) ** 2 for value in rest) / len(rest) ** 2)
    best = errors.index(min(errors))
    return None if best > len(batches) / 2 else best * BATCH


@dataclass(frozen=True, slots=True)
class Trending:
    """A monotone trend: slope per second with its 95 % interval, and the chance of it in trendless data."""

    slope: float
    low: float
    high: float
    p: float


def trending(series: Series) -> Trending:
    """Theil-Sen's slope with Sen's interval (1968), and Mann-Kendall's two-sided p, normal with ties. For
    values that do not hang together: floors of windows, not raw samples. At least three of them."""
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(series, 2))
    count = len(series)
    spread = sqrt(_kendall_variance(series.values))
    reach = NormalDist().inv_cdf(0.975) * spread
    low = max(round((len(slopes) - reach) / 2) - 1, 0)
    high = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    score = sum((b > a) - (b < a) for a, b in combinations(series.values, 2))
    p = erfc(abs(score) / spread / sqrt(2)) if spread and count > 2 else 1.0
    return Trending(median(slopes), slopes[low], slopes[high], p)


def _kendall_variance(values: Sequence[float]) -> float:
    def part(count: int) -> int:
        return count * (count - 1) * (2 * count + 5)

    ties = [values.count(value) for value in set(values)]
    return (part(len(values)) - sum(map(part, ties))) / 18


@dataclass(frozen=True, slots=True)
class Growth:
    """A floor that rises, from second `start` to `end`: per second, between `low` and `high`."""

    start: float
    end: float
    slope: float
    low: float
    high: float
    p: float
    floors: Series
    each: int
    """Samples for a floor."""

    @property
    def risen(self) -> float:
        """By how much, over the time that was looked at."""
        return self.slope * (self.end - self.start)


def growth(series: Series, least: float = 0.02) -> Growth | None:
    """What keeps growing: the first third is left out (things warm up), each window counts with its least
    value (what is left after a collection), and the slope's lower bound must make more than `least` of the
    median. None as well when the run was too short to tell."""
    if not series:
        return None
    start, end = series.at[0] + (series.at[-1] - series.at[0]) / 3, series.at[-1]
    late = series.between(start, end)
    each = max(PER_WINDOW, ceil(len(late) / WINDOWS[1]))
    floors = Series(*_transposed(_floors(late, each)))
    if len(floors) < WINDOWS[0]:
        return None
    trend = trending(floors)
    span = floors.at[-1] - floors.at[0]
    grows = trend.p < SIGNIFICANT and trend.low * span > least * abs(median(floors.values))
    if not grows or _falls_back(floors.values) > 0.7 * trend.slope * span:
        return None
    return Growth(start, end, trend.slope, trend.low, trend.high, trend.p, floors, each)


def _floors(series: Series, each: int) -> Iterator[tuple[float, float]]:
    for at in range(0, len(series) - each + 1, each):
        yield series.at[at + each // 2], min(series.values[at : at + each])


def _transposed(pairs: Iterator[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rows = list(pairs)
    return tuple(at for at, _ in rows), tuple(value for _, value in rows)


def _falls_back(values: Sequence[float]) -> float:
    """How far values fall below what they had reached: a sawtooth longer than the windows does so."""
    most, furthest = values[0], 0.0
    for value in values:
        most = max(most, value)
        furthest = max(furthest, most - value)
    return furthest


def elasticity(cause: Series, effect: Series) -> float | None:
    """By how many per cent `effect` rises for one per cent of `cause`: 1 is in proportion, 0 not at all
    (Theil-Sen over logarithms of seconds that both have). None when `cause` hardly changes."""
    theirs = dict(effect)
    both = [(value, theirs[at]) for at, value in cause if value > 0 and theirs.get(at, 0) > 0]
    both = sorted(both[:: ceil(len(both) / 150) or 1])
    if len(both) < 8 or both[-1 - len(both) // 10][0] < 1.5 * both[len(both) // 10][0]:
        return None
    logs = [(log(a), log(b)) for a, b in both]
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(logs, 2) if x2 - x1 > 0.05)
