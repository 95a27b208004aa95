"""Made-up signals with what real ones are full of."""

import random
from collections.abc import Callable, Iterator
from math import sqrt

from sonagi.model.series import Series


def series(values: list[float], step: float = 1.0) -> Series:
    return Series(tuple(step * (place + 1) for place in range(len(values))), tuple(values))


def noise(chance: random.Random, count: int, deviation: float, rho: float = 0.5) -> list[float]:
    """Values that hang together as neighbouring seconds do: AR(1)."""
    values = [chance.gauss(0, 1)]
    while len(values) < count:
        values.append(rho * values[-1] + sqrt(1 - rho * rho) * chance.gauss(0, 1))
    return [value * deviation for value in values]


def runs(count: int, make: Callable[[random.Random], list[float]]) -> Iterator[list[float]]:
    for seed in range(count):
        yield make(random.Random(seed))
