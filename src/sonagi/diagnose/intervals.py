"""What a sample can tell of the whole: intervals of shares and percentiles, and times that were cut off.

All are two-sided 95 % intervals of independent samples; requests of one run are somewhat alike, so the truth
is a little less certain than they say.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
TAIL = 0.025
"""What an interval leaves on either side."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """An interval for a share (Wilson 1927), 0 to 1."""
    share, square = hits / total, Z95 * Z95
    middle = share + square / (2 * total)
    reach = Z95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)


def most_when_none(total: int) -> float:
    """The largest share that would show none in `total` with a chance of 5 %: 1 − 0.05^(1/n), about 3/n."""
    return -math.expm1(math.log(0.05) / total)


def samples_for(percent: float) -> int:
    """How many samples bound a percentile on both sides: p90 36, p95 72, p99 368, p99.9 3,688. With fewer,
    more than 2.5 % of runs would have no sample beyond it."""
    outer = max(percent, 100 - percent) / 100
    return math.floor(math.log(TAIL) / math.log(outer)) + 1


def percentile_is_bounded(percent: float, samples: int) -> bool:
    """Whether so many samples bound a percentile from above."""
    return samples >= samples_for(percent)


def ranks(percent: float, samples: int) -> tuple[int, int | None]:
    """Between which of `samples` ordered values (the least is 1) a percentile lies (binomial order
    statistics); None where even the greatest doesn't bound it."""
    share = percent / 100
    low, high = _binomial(TAIL, samples, share), _binomial(1 - TAIL, samples, share) + 1
    return max(low, 1), high if high <= samples else None


def _binomial(probability: float, trials: int, share: float) -> int:
    """The least number of hits that `probability` of all experiments don't exceed. Sums from where less than
    1e-20 lies below."""
    reach = 10 * math.sqrt(trials * share * (1 - share)) + 10
    hits = max(math.floor(trials * share - reach), 0)
    odds = share / (1 - share)
    logarithm = (
        math.lgamma(trials + 1)
        - math.lgamma(hits + 1)
        - math.lgamma(trials - hits + 1)
        + hits * math.log(share)
        + (trials - hits) * math.log1p(-share)
    )
    chance = math.exp(logarithm)
    total = chance
    while total < probability and hits < trials:
        chance *= (trials - hits) / (hits + 1) * odds
        hits += 1
        total += chance
    return hits


@dataclass(frozen=True, slots=True)
class Times:
    """So many that took `time`; `cut` are those that had not ended then, and would have taken longer."""

    time: float
    ended: float = 0.0
    cut: float = 0.0


def survival(times: Iterable[Times]) -> tuple[tuple[float, float], ...]:
    """What share takes longer than each time, where some were cut off before they ended (Kaplan and Meier
    1958); as many as were cut off at a time are still counted there."""
    ordered = sorted(times, key=lambda one: one.time)
    left = sum(one.ended + one.cut for one in ordered)
    share, steps = 1.0, list[tuple[float, float]]()
    for moment in sorted({one.time for one in ordered}):
        here = [one for one in ordered if one.time == moment]
        ended = sum(one.ended for one in here)
        if ended:
            share *= 1 - ended / left
            steps.append((moment, share))
        left -= ended + sum(one.cut for one in here)
    return tuple(steps)


def percentile(curve: tuple[tuple[float, float], ...], percent: float) -> float | None:
    """The time within which `percent` of all end, from `survival`; None when that lies beyond what was
    waited for."""
    longer = 1 - percent / 100 + 1e-12
    return next((moment for moment, share in curve if share <= longer), None)
