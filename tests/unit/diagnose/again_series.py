"""Statistics of signals, computed again: `median(load.p50)[2..60]`, `theil_sen(floors(process.rss, 5))[20..60]`."""

import re
from collections.abc import Callable
from itertools import combinations, pairwise
from math import log
from statistics import fmean, median, median_low

from scipy import stats

from sonagi.model.evidence import Evidence
from sonagi.model.series import Series

Form = tuple[re.Pattern[str], Callable[[re.Match[str], Evidence], float | None]]

_SIGNAL, _WINDOW = r"([a-z_][\w.|:/-]*)", r"\[(-?[\d.]+)\.\.(-?[\d.]+)\]"
_STATISTICS: dict[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "mean": fmean,
    "median": median,
    "sum": sum,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
}


def part(evidence: Evidence, signal: str, start: str, end: str) -> Series:
    """A signal within a window; ends that were rounded to six digits hold what lay on them."""
    return evidence.signal(signal).between(float(start) - 1e-4, float(end) + 1e-4)


def floors(evidence: Evidence, signal: str, each: str, start: str, end: str) -> list[tuple[float, float]]:
    """(middle, least value) of each full window of `each` samples."""
    rows = list(part(evidence, signal, start, end))
    whole = range(0, len(rows) - int(each) + 1, int(each))
    return [
        (rows[at + int(each) // 2][0], min(value for _, value in rows[at : at + int(each)])) for at in whole
    ]


def _statistic(match: re.Match[str], evidence: Evidence) -> float:
    return float(_STATISTICS[match[1]](list(part(evidence, match[2], match[3], match[4]).values)))


def _of_all(match: re.Match[str], evidence: Evidence) -> float:
    return float(_STATISTICS[match[1]](list(evidence.signal(match[2]).values)))


def _at(match: re.Match[str], evidence: Evidence) -> float | None:
    series = evidence.signal(match[1])
    return next((value for at, value in series if abs(at - float(match[2])) < 1e-4), None)


def _means(match: re.Match[str], evidence: Evidence) -> float:
    values, each = part(evidence, match[1], match[3], match[4]).values, int(match[2])
    return median_low([fmean(values[at : at + each]) for at in range(0, len(values) - each + 1, each)])


def _slope(match: re.Match[str], evidence: Evidence) -> float:
    points = floors(evidence, match[2], match[3], match[4], match[5])
    found = stats.theilslopes([value for _, value in points], [at for at, _ in points])
    return float({"": found.slope, "_low": found.low_slope, "_high": found.high_slope}[match[1]])


def _last_floor(match: re.Match[str], evidence: Evidence) -> float:
    return floors(evidence, match[1], match[2], match[3], match[4])[-1][1]


def _halves(match: re.Match[str], evidence: Evidence) -> float:
    """Of the half of the steps between floors in which least, or most, was asked for: rise, or rate."""
    points = floors(evidence, match[3], match[4], match[6], match[7])
    requests = evidence.signal(match[5])
    steps = sorted(
        (
            (requests.between(start, end).stat("mean") or 0.0, (after - before) / (end - start))
            for (start, before), (end, after) in pairwise(points)
        ),
        key=lambda step: step[0],
    )
    half = len(steps) // 2
    chosen = steps[:half] if match[2] == "calm" else steps[-half:]
    return fmean(step[match[1] == "rise"] for step in chosen)


def _mser5(match: re.Match[str], evidence: Evidence) -> float:
    """White's rule (1997): the cut with the least standard error of what is left, over means of five."""
    series = part(evidence, match[1], match[2], match[3])
    means = [fmean(series.values[at : at + 5]) for at in range(0, len(series) - 4, 5)]
    rest = {cut: means[cut:] for cut in range(len(means) - 4)}
    cut = min(rest, key=lambda at: stats.tvar(rest[at]) * (len(rest[at]) - 1) / len(rest[at]) ** 2)
    return series.at[cut * 5 - 1]


def _elasticity(match: re.Match[str], evidence: Evidence) -> float:
    effect, cause = dict(evidence.signal(match[1])), evidence.signal(match[2])
    points = [(log(a), log(effect[at])) for at, a in cause if a > 0 and effect.get(at, 0) > 0]
    return median(
        (y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(sorted(points), 2) if x2 - x1 > 0.05
    )


def _of_seconds(match: re.Match[str], evidence: Evidence) -> float:
    limit = float(match[4])
    found = [
        value < limit if match[3] == "<" else value > limit for value in evidence.signal(match[2]).values
    ]
    if match[1] == "share":
        return fmean(found)
    if match[1] == "seconds":
        return sum(found)
    return max(len(run) for run in "".join("x" if one else " " for one in found).split(" "))


def _first(match: re.Match[str], evidence: Evidence) -> float | None:
    return evidence.signal(match[1]).first_at(lambda value: value < float(match[2]))


def _waits(match: re.Match[str], evidence: Evidence) -> float:
    most = evidence.signal("pool.max").stat("last") or 0.0
    active = dict(evidence.signal("pool.active"))
    waiting = part(evidence, "pool.pending", match[1], match[2])
    return fmean(value >= 1 and active.get(at, most) >= most for at, value in waiting)


_FLOORS = rf"\(floors\({_SIGNAL}, (\d+)\)\){_WINDOW}"
FORMS: tuple[Form, ...] = (
    (re.compile(rf"\btheil_sen(_low|_high|){_FLOORS}"), _slope),
    (re.compile(rf"\blast{_FLOORS}"), _last_floor),
    (
        re.compile(rf"\b(rise|rate)_when_(calm|busy)\(floors\({_SIGNAL}, (\d+)\), {_SIGNAL}\){_WINDOW}"),
        _halves,
    ),
    (re.compile(rf"\blow_median\(means\({_SIGNAL}, (\d+)\)\){_WINDOW}"), _means),
    (re.compile(rf"\bmser5\({_SIGNAL}\){_WINDOW}"), _mser5),
    (re.compile(rf"\belasticity\({_SIGNAL}, {_SIGNAL}\)"), _elasticity),
    (re.compile(rf"\bshare of seconds with pool.pending >= 1 and pool.active >= pool.max {_WINDOW}"), _waits),
    (re.compile(r"\b(share|seconds|longest)\(([a-z_.]+) ([<>]) ([\d.]+)\)"), _of_seconds),
    (re.compile(rf"\bfirst\({_SIGNAL} < ([\d.]+)\)"), _first),
    (re.compile(rf"\b(min|max|mean|median|sum|first|last)\({_SIGNAL}\){_WINDOW}"), _statistic),
    (re.compile(rf"\b(first|last)\({_SIGNAL}\)(?!\[)"), _of_all),
    (re.compile(r"\b((?:load|process|host|pool|server)\.\w+)\[(-?[\d.]+)\](?!\.)"), _at),
)
