"""When a signal stepped to another level. Neighbouring seconds hang together: penalties made for independent
values (PELT with BIC) cry wolf in nine runs of ten; energy distance, with a test that knows of it, does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil, erfc, log, sqrt
from statistics import fmean, median, variance

from sonagi.model.series import Series

BEST_OF_ALL = 0.001
"""A chance below which a step is believed; small, for the place to cut is chosen by what is tested."""
MOST_CUTS = 3
"""How often a signal is cut in two, and its parts again: seven steps at most."""
MOST_POINTS = 300
"""Longer signals are taken as medians of so many bins: the energy distance costs the square of it."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From second `at` on, the level is another: medians before and after."""

    at: float
    before: float
    after: float
    p: float


def shifts(series: Series, effect: float = 0.1, least: int = 5) -> tuple[Shift, ...]:
    """When a signal stepped to another level, the first step first; a step lasts for `least` values or more.

    E-divisive means (Matteson and James 2014) propose where to cut. Of these the least sure is dropped until
    each holds between its neighbours: by Welch's t, with autocorrelation taken into account, and with a
    median that moved by `effect` of what it was and by more than values scatter.
    """
    series = _binned(series)
    least = max(least, len(series) // 20)
    cuts = sorted(_proposed(series.values, least, 0))
    while cuts:
        found = [_shift(series, cuts, place, effect) for place in range(len(cuts))]
        weakest = max(range(len(cuts)), key=lambda place: found[place].p)
        if found[weakest].p < BEST_OF_ALL:
            return tuple(found)
        del cuts[weakest]
        cuts = _placed_again(series.values, cuts, least)
    return ()


def _proposed(values: Sequence[float], least: int, depth: int) -> Iterator[int]:
    place = _divide(values, least) if depth < MOST_CUTS else None
    if place is not None:
        yield place
        yield from _proposed(values[:place], least, depth + 1)
        yield from (place + later for later in _proposed(values[place:], least, depth + 1))


def _placed_again(values: Sequence[float], cuts: list[int], least: int) -> list[int]:
    """A cut between other neighbours divides best elsewhere."""
    for place, cut in enumerate(cuts):
        before = cuts[place - 1] if place else 0
        after = cuts[place + 1] if place + 1 < len(cuts) else len(values)
        again = _divide(values[before:after], least)
        cuts[place] = cut if again is None else before + again
    return cuts


def _shift(series: Series, cuts: Sequence[int], place: int, effect: float) -> Shift:
    """What changed at one of `cuts`, between its neighbours; p is 1 where too little did."""
    bounds = (0, *cuts, len(series))
    left = series.values[bounds[place] : bounds[place + 1]]
    right = series.values[bounds[place + 1] : bounds[place + 2]]
    before, after = median(left), median(right)
    scatter = [abs(value - before) for value in left] + [abs(value - after) for value in right]
    moved = abs(after - before) > max(effect * abs(before), 1.5 * median(scatter))
    return Shift(series.at[cuts[place]], before, after, _welch(left, right) if moved else 1.0)


def _divide(values: Sequence[float], least: int) -> int | None:
    """Where to cut in two so that the parts differ most in energy distance; None if they are too few."""
    count = len(values)
    inside_left, across = 0.0, 0.0
    inside_right = sum(abs(a - b) for a, b in combinations(values, 2))
    best, place = -1.0, None
    for at, value in enumerate(values):
        left = sum(abs(value - other) for other in values[:at])
        right = sum(abs(value - other) for other in values[at + 1 :])
        inside_left, inside_right, across = inside_left + left, inside_right - right, across + right - left
        before, after = at + 1, count - at - 1
        if before < least or after < least:
            continue
        apart = 2 * across / (before * after)
        apart -= 2 * inside_left / (before * (before - 1)) + 2 * inside_right / (after * (after - 1))
        if before * after / count * apart > best:
            best, place = before * after / count * apart, before
    return place


def _binned(series: Series) -> Series:
    each = ceil(len(series) / MOST_POINTS)
    if each <= 1:
        return series
    places = range(0, len(series), each)
    return Series(
        tuple(series.at[at] for at in places),
        tuple(median(series.values[at : at + each]) for at in places),
    )


def _welch(left: Sequence[float], right: Sequence[float]) -> float:
    """The two-sided p of Welch's t, with as many values as are independent: n (1 − ρ) / (1 + ρ), ρ the
    correlation of neighbours around their side's mean."""
    around = [[value - fmean(side) for value in side] for side in (left, right)]
    together = sum(a * b for side in around for a, b in pairwise(side))
    total = sum(value * value for side in around for value in side)
    difference = abs(fmean(left) - fmean(right))
    if total == 0:
        return 0.0 if difference else 1.0
    rho = max(together / total, 0.0)
    counts = [max(len(side) * (1 - rho) / (1 + rho), 2.0) for side in (left, right)]
    errors = [variance(side) / count for side, count in zip((left, right), counts, strict=True)]
    freedom = sum(errors) ** 2 / sum(
        error * error / (count - 1) for error, count in zip(errors, counts, strict=True)
    )
    return student(difference / sqrt(sum(errors)), freedom)


def student(t: float, freedom: float) -> float:
    """The two-sided p of Student's t by Wallace's approximation (1959), good to a few per cent of p."""
    normal = (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log(1 + t * t / freedom))
    return erfc(normal / sqrt(2))
