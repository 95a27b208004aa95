"""How a share of failures runs over time and over load: a constant one is the data's, one that grows with the
load is the server's."""

from collections.abc import Iterable
from math import floor

from sonagi.model.evidence import Evidence
from sonagi.model.traffic import Failures

WINDOWS = 10

Window = tuple[float, float]
"""Requests and failures."""


def windows(evidence: Evidence, failures: Iterable[Failures]) -> tuple[Window, ...]:
    """Ten equal parts of the run; empty where it was not seen by the second."""
    requests = evidence.signal("load.requests")
    if not requests:
        return ()
    start, end = requests.at[0], requests.at[-1]
    each = (end - start + 1) / WINDOWS
    parts = [[0.0, 0.0] for _ in range(WINDOWS)]
    for place, series in enumerate((requests, *(one.by_second for one in failures))):
        for at, count in series:
            part = floor((at - start) / each)
            if 0 <= part < WINDOWS:
                parts[part][min(place, 1)] += count
    return tuple((asked, failed) for asked, failed in parts if asked > 0)


def constant(parts: tuple[Window, ...]) -> bool | None:
    """Whether the same share failed in all parts: by χ² per degree of freedom, or within 30 % of the mean."""
    asked, failed = sum(part[0] for part in parts), sum(part[1] for part in parts)
    if len(parts) < 4 or not failed:
        return None
    share = min(failed / asked, 0.999)
    spread = sum((count - of * share) ** 2 / (of * share * (1 - share)) for of, count in parts)
    near = all(abs(count / of / share - 1) <= 0.3 for of, count in parts)
    return near or spread <= 3 * (len(parts) - 1)


def follows_load(parts: tuple[Window, ...]) -> bool | None:
    """Whether a larger share failed where more was asked for; None while the load hardly changed."""
    ordered = sorted(parts)
    if len(parts) < 4 or ordered[-2][0] < 1.5 * ordered[1][0]:
        return None
    half = len(ordered) // 2
    calm, busy = ordered[:half], ordered[-half:]
    lower = sum(failed for _, failed in calm) / sum(asked for asked, _ in calm)
    upper = sum(failed for _, failed in busy) / sum(asked for asked, _ in busy)
    return upper > 1.5 * lower
