"""When which user is active while users are ramped in stages: k6's ramping-vus, to the nanosecond.

The number of users follows straight lines from target to target, in steps of one user. On the way up
user n joins at the very time at which the line reaches n; on the way down it leaves one step later,
when the line reaches n - 1. A stage of no time is a jump (k6, lib/executor/ramping_vus.go).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """From `at_ns` after the scenario's start there are `vus` users."""

    at_ns: int
    vus: int


def steps(start_vus: int, stages: Sequence[tuple[float, int]]) -> list[Step]:
    """The steps of `stages`, each (seconds, users at its end), down to none at the end."""
    found = [Step(0, start_vus)]
    at_ns, vus = 0, start_vus
    for seconds, target in stages:
        span_ns = round(seconds * NS)
        for step in _line(at_ns, span_ns, vus, target):
            if step.vus != found[-1].vus:
                found.append(step)
        at_ns, vus = at_ns + span_ns, target
    if found[-1].vus != 0:
        found.append(Step(at_ns, 0))
    return found


def _line(begins_ns: int, span_ns: int, start: int, target: int) -> Iterator[Step]:
    ends_ns = begins_ns + span_ns
    if span_ns == 0:
        yield Step(ends_ns, target)
    elif target > start:
        for vus in range(start + 1, target + 1):
            yield Step(ends_ns - span_ns * (target - vus) // (target - start), vus)
    else:
        for vus in range(start, target, -1):
            yield Step(ends_ns - span_ns * (vus - 1 - target) // (start - target), vus - 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which one user is active, in ns after the scenario's start."""

    begins_ns: int
    ends_ns: int


def windows(plan: Sequence[Step]) -> list[list[Window]]:
    """For each user, from the first, the times in which it is active."""
    found: list[list[Window]] = [[] for _ in range(max(step.vus for step in plan))]
    began: list[int] = []
    for step in plan:
        while len(began) > step.vus:
            user = len(began) - 1
            found[user].append(Window(began.pop(), step.at_ns))
        began += [step.at_ns] * (step.vus - len(began))
    return found
