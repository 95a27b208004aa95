"""Executors as a script's author names them: when iterations begin, and by whom. k6's, in snake_case.

In the closed model users begin an iteration when the one before has ended; in the open model iterations
begin when they are due, however long the server takes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from sonagi.plan.checked import Checked, Count, Natural, Seconds
from sonagi.plan.duration import Duration, parse_duration
from sonagi.plan.mix import Mix


def _function(value: Any) -> Any:
    if not isinstance(value, (str, Mix)) and not (callable(value) and hasattr(value, "__name__")):
        raise ValueError("exec")
    return value


def _split(value: Any) -> tuple[Any, Any]:
    """("30s", 20), or k6's {"duration": "30s", "target": 20}."""
    if isinstance(value, Mapping):
        if set(value) != {"duration", "target"}:
            raise ValueError("stage")
        value = (value["duration"], value["target"])
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError("stage")
    return value[0], value[1]


def _stage(value: Any) -> tuple[float, int]:
    duration, target = _split(value)
    if not isinstance(target, int) or isinstance(target, bool) or not 0 <= target <= MOST_VUS:
        raise ValueError("stage")
    return parse_duration(duration), target


def _rate_stage(value: Any) -> tuple[float, float]:
    duration, target = _split(value)
    if not _is_rate(target):
        raise ValueError("rate_stage")
    return parse_duration(duration), float(target)


def _rate(value: Any) -> float:
    if not _is_rate(value) or value == 0:
        raise ValueError("rate")
    return float(value)


def _speed(value: Any) -> float:
    if not _is_rate(value) or not SLOWEST <= value <= 1 / SLOWEST:
        raise ValueError("speed")
    return float(value)


def _start_rate(value: Any) -> float:
    if not _is_rate(value):
        raise ValueError("start_rate")
    return float(value)


def _is_rate(value: Any) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= MOST_RATE
    )


def _shape(value: Any) -> Any:
    if not callable(value):
        raise ValueError("shape")
    return value


# Users of one scenario, as in k6.
MOST_VUS = 100_000_000
# What is above is a slip: nobody's machine begins as many iterations a second.
MOST_RATE = 1e7

# A log that is played so slowly, or so fast, is meant otherwise.
SLOWEST = 1e-4

Function = Annotated[str | Callable[..., Any] | Mix, PlainValidator(_function)]
Stage = Annotated[tuple[Duration, int] | Mapping[str, Any], PlainValidator(_stage)]
RateStage = Annotated[tuple[Duration, float] | Mapping[str, Any], PlainValidator(_rate_stage)]
Shape = Annotated[Callable[[float], float], PlainValidator(_shape)]
Rate = Annotated[float, BeforeValidator(_rate)]


class _Scenario(Checked):
    graceful_stop: Seconds = 30.0
    start_time: Seconds = 0.0
    """After the start of the run, or after the end of the scenario named by `start_after`."""
    start_after: str | None = None
    exec: Function | None = None
    tags: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    pacing: Seconds | None = None
    """An iteration begins this long after the one before, not sooner."""


class _Fixed(_Scenario):
    vus: Count = 1
    start: Literal["spread", "together"] = "spread"


class ConstantVUs(_Fixed):
    """`vus` users iterate for `duration`, then those under way get `graceful_stop` to finish."""

    duration: Seconds


class PerVUIterations(_Fixed):
    """Each of `vus` users makes `iterations` iterations, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


class SharedIterations(_Fixed):
    """`vus` users make `iterations` iterations together, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


class RampingVUs(_Scenario):
    """Users come and go along straight lines: `stages` are (duration, users at its end). Instead of stages,
    `shape` says how many there are after so many seconds, for `duration`. A user that has to leave gets
    `graceful_ramp_down` to finish its iteration."""

    start_vus: Natural = 1
    stages: Sequence[Stage] | None = None
    shape: Shape | None = None
    duration: Seconds | None = None
    graceful_ramp_down: Seconds = 30.0


class _Open(_Scenario):
    pre_allocated_vus: Count | None = None
    max_vus: Count | None = None
    """A start for which no user is free is dropped, as in k6. Without both there are as many users as are
    needed, up to a safe limit, and from there on starts wait: that is in the numbers."""
    sessions: bool = False
    """Each arrival is a user of its own, with its own id, connections and cookies, who leaves at the end of
    the iteration; otherwise users are free for the next one."""


class _Rated(_Open):
    arrivals: Literal["uniform", "poisson"] = "uniform"
    """At equal intervals, as k6; or at random times, as independent people come. Their number is the same."""
    time_unit: Seconds = 1.0


class ConstantArrivalRate(_Rated):
    """`rate` iterations begin each `time_unit`, the first one at once, for `duration`."""

    rate: Rate
    duration: Seconds


class RampingArrivalRate(_Rated):
    """Iterations begin at a rate that follows straight lines: `stages` are (duration, rate at its end). The
    first begins when the area below the line has reached 1. Instead of stages, `shape` gives the rate after
    so many seconds, for `duration`."""

    start_rate: Annotated[float, BeforeValidator(_start_rate)] = 0.0
    stages: Sequence[RateStage] | None = None
    shape: Shape | None = None
    duration: Seconds | None = None


class ReplayedArrivals(_Open):
    """Iterations begin as requests did in an access log (combined, common or JSON lines), `speed` times as
    fast. Requests of one second are spread over it, where the log has no finer times."""

    log: str
    speed: Annotated[float, BeforeValidator(_speed)] = 1.0


Closed = ConstantVUs | PerVUIterations | SharedIterations | RampingVUs
Open = ConstantArrivalRate | RampingArrivalRate | ReplayedArrivals
Scenario = Closed | Open

EXECUTORS: Mapping[type[Scenario], str] = {
    ConstantVUs: "constant-vus",
    PerVUIterations: "per-vu-iterations",
    SharedIterations: "shared-iterations",
    RampingVUs: "ramping-vus",
    ConstantArrivalRate: "constant-arrival-rate",
    RampingArrivalRate: "ramping-arrival-rate",
    ReplayedArrivals: "replayed-arrivals",
}
"""Their names where a scenario is written as a table; k6's."""
