"""The laws and intervals that rules compute with."""

import math

from sonagi.model.quantity import Reading

Z95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """A 95 % interval for a share (Wilson 1927), 0 to 1."""
    share, square = hits / total, Z95 * Z95
    middle = share + square / (2 * total)
    reach = Z95 * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    scale = 1 + square / total
    return max((middle - reach) / scale, 0.0), min((middle + reach) / scale, 1.0)


def iteration_time(seconds: float, each: float) -> tuple[float, float]:
    """How long an iteration took, in s, when users made `each` of them in `seconds`: one that began in
    time may still end, so each = ⌈seconds / time⌉."""
    if each <= 1:
        return seconds, math.inf
    return seconds / each, seconds / (each - 1)


def mean_of_failures(
    requests: int, failed: int, of_all: Reading | None, of_successes: Reading | None
) -> Reading | None:
    """The mean time of failures, which no summary shows: all = successes and failures, weighted. The
    bounds are those of the digits that were shown."""
    if of_all is None or of_successes is None or not 0 < failed < requests:
        return None
    succeeded = requests - failed

    def mean(everything: float, successes: float) -> float:
        return (requests * everything - succeeded * successes) / failed

    low = max(mean(of_all.low, of_successes.high), 0.0)
    return Reading(max(mean(of_all.value, of_successes.value), 0.0), low, mean(of_all.high, of_successes.low))


def drawn_twice(draws: int, keys: int) -> float:
    """How many of `keys` values are expected to come up more than once in `draws` at random."""
    never = (1 - 1 / keys) ** draws
    once = draws / keys * (1 - 1 / keys) ** (draws - 1)
    return keys * (1 - never - once)


def percentile_is_bounded(percent: float, samples: int) -> bool:
    """Whether a two-sided 95 % interval of a percentile has an upper end: whether fewer than 2.5 % of runs
    would have no value above it (binomial order statistics)."""
    return (percent / 100) ** samples < 0.025
