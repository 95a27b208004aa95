"""How long users sleep in an iteration, read off the numbers where no script is at hand."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sonagi.model.traffic import Trend

if TYPE_CHECKING:
    from sonagi.model.quantity import Reading

OVERHEAD = 5.0
"""ms that an iteration may take besides its request and its sleep."""
SHORTEST = 10.0
"""ms from which on a pause is one."""
_STEPS = (1000.0, 500.0, 100.0, 50.0, 10.0)
"""ms: people write round numbers, the roundest first."""


def constant_think(trends: Mapping[str, Trend], requests: int | None, iterations: int | None) -> float | None:
    """Seconds that every user sleeps in each iteration, when that is always the same: then iterations are
    their one request, later by the same at every percentile. None where it isn't, or can't be told."""
    if not requests or not iterations or abs(requests - iterations) > 0.01 * iterations:
        return None
    shifts = list(
        _shifts(trends.get("iteration_duration", Trend()), trends.get("http_req_duration", Trend()))
    )
    if len(shifts) < 3:
        return None
    low, high = max(low for low, _ in shifts), min(high for _, high in shifts)
    if low > high + OVERHEAD or high < SHORTEST or high - low > 0.1 * high:
        return None
    low, high = min(low, high) - OVERHEAD, max(low, high)
    for step in _STEPS:
        nearest = high // step * step
        if nearest >= max(low, SHORTEST):
            return nearest / 1000
    return high / 1000


def _shifts(whole: Trend, part: Trend) -> Iterator[tuple[float, float]]:
    """Bounds of how much later, in ms, each statistic of iterations is. Means are left out: connecting,
    which is no part of a request's time, moves them."""
    pairs: list[tuple[Reading | None, Reading | None]] = [
        (whole.min, part.min),
        (whole.med, part.med),
        (whole.max, part.max),
        *(
            (whole.percentiles[p], part.percentiles[p])
            for p in whole.percentiles.keys() & part.percentiles.keys()
        ),
    ]
    for longer, shorter in pairs:
        if longer is not None and shorter is not None:
            yield longer.low - shorter.high, longer.high - shorter.low
