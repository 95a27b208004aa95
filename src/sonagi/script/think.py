"""Think time: pauses as people make them, drawn from the user's own random numbers.

    await think.uniform(1, 3)
    await think.lognormal(median=2, p95=8)

A run with the same seed draws the same pauses. Times are seconds and never negative.
"""

import math
from typing import TYPE_CHECKING

from sonagi._core import Operation, current_scope, sleep

if TYPE_CHECKING:
    import random

# Standard normal quantile of 0.95.
_Z95 = 1.6448536269514722


def _random() -> "random.Random":
    scope = current_scope()
    if scope is None:
        raise RuntimeError("think time belongs into a scenario's function")
    found: random.Random = scope.vu.random
    return found


def _positive(**given: float) -> None:
    for name, value in given.items():
        if not math.isfinite(value) or value < 0:
            raise ValueError(f"{name}={value}: think times are seconds of 0 or more")


def constant(seconds: float) -> "Operation[None]":
    """The same pause each time."""
    _positive(seconds=seconds)
    return sleep(seconds)


def uniform(least: float, most: float) -> "Operation[None]":
    """Any pause from `least` to `most`, all alike likely. Raises ValueError when they are swapped."""
    _positive(least=least, most=most)
    if least > most:
        raise ValueError(f"uniform({least}, {most}): give the shorter pause first")
    return sleep(_random().uniform(least, most))


def exponential(mean: float) -> "Operation[None]":
    """Pauses between events that do not know of each other: mostly short, sometimes long."""
    _positive(mean=mean)
    return sleep(_random().expovariate(1 / mean) if mean else 0.0)


def normal(mean: float, deviation: float) -> "Operation[None]":
    """Pauses around `mean`; what would be below 0 is 0."""
    _positive(mean=mean, deviation=deviation)
    return sleep(max(0.0, _random().gauss(mean, deviation)))


def lognormal(median: float, p95: float) -> "Operation[None]":
    """How long people look at a page: half of the pauses below `median`, one of twenty above `p95`.
    Raises ValueError unless 0 < median <= p95."""
    _positive(median=median, p95=p95)
    if not 0 < median <= p95:
        raise ValueError(
            f"lognormal(median={median}, p95={p95}): the median is above 0 and not above the p95"
        )
    return sleep(median * math.exp(_random().gauss(0.0, math.log(p95 / median) / _Z95)))
