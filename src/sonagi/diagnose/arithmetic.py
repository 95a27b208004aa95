"""The laws that rules compute with; what a sample can tell is in `intervals`."""

import math

from sonagi.model.quantity import Reading


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
