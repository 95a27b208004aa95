"""A shape of load that is a Python function of time, as the straight lines that come closest to it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sonagi.plan.problems import Problem

PIECES_A_SECOND = 10
FEWEST, MOST = 20, 3_600
"""Straight lines of one shape; a day's shape has one each 24 s."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """`start`, and what it comes to at the end of each stretch of `seconds`."""

    start: float
    stages: tuple[tuple[float, float], ...]


def sample(
    shape: Callable[[float], float], duration: float, where: str, found: list[Problem], most: float
) -> Sampled:
    """Ask `shape` what it is after so many seconds, from 0 to `duration`. What is no number from 0 to `most`
    is told once, with the second."""
    pieces = max(FEWEST, min(MOST, math.ceil(duration * PIECES_A_SECOND)))
    values: list[float] = []
    for piece in range(pieces + 1):
        second = duration * piece / pieces
        problem = _asked(shape, second, where, most, values)
        if problem is not None:
            found.append(problem)
            return Sampled(1.0, ((duration, 1.0),))
    return Sampled(values[0], tuple((duration / pieces, value) for value in values[1:]))


def _asked(
    shape: Callable[[float], float], second: float, where: str, most: float, values: list[float]
) -> Problem | None:
    try:
        value: object = shape(second)
    except Exception as error:  # noqa: BLE001 (user code: whatever it raises is told)
        told = {"second": f"{second:g}", "error": f"{type(error).__name__}: {error}"}
        return Problem("shape_raised", where, told)
    number = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    if not (math.isfinite(number) and 0 <= number <= most):
        told = {"second": f"{second:g}", "value": _shown(value), "most": f"{most:g}"}
        return Problem("shape_value", where, told)
    values.append(number)
    return None


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else repr(value)[:80]
