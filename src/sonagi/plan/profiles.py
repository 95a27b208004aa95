"""Named shapes of load: what a script does at its peak, brought on as one kind of test brings it on.

The kinds and what they are for are k6's (grafana.com/docs/k6, "Load test types"). A script's own users or
rate are the peak; a profile says when how much of it there is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonagi.plan.duration import parse_duration
from sonagi.plan.executors import (
    ConstantArrivalRate,
    ConstantVUs,
    RampingArrivalRate,
    RampingVUs,
    ReplayedArrivals,
    Scenario,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """`start` and the lines (share of the time, multiple of the peak at its end). `least`: one user, or one
    iteration a second, all the time."""

    seconds: float
    lines: tuple[tuple[float, float], ...]
    start: float = 0.0
    least: bool = False


PROFILES: Mapping[str, Profile] = {
    # Does it work at all?
    "smoke": Profile(30.0, ((1.0, 1.0),), least=True),
    # Does it hold what it has to on an ordinary day?
    "load": Profile(600.0, ((0.1, 1.0), (0.8, 1.0), (0.1, 0.0))),
    # And on a bad one: half as much again, and twice as much.
    "stress": Profile(
        1200.0, ((0.1, 1.0), (0.2, 1.0), (0.05, 1.5), (0.2, 1.5), (0.05, 2.0), (0.3, 2.0), (0.1, 0.0))
    ),
    # Tickets go on sale.
    "spike": Profile(
        600.0, ((0.05, 0.2), (0.25, 0.2), (0.02, 3.0), (0.18, 3.0), (0.02, 0.2), (0.43, 0.2), (0.05, 0.0))
    ),
    # Does it leak?
    "soak": Profile(4 * 3600.0, ((0.02, 1.0), (0.96, 1.0), (0.02, 0.0))),
    # How much does it take? Ends when a tenth of the requests fail.
    "breakpoint": Profile(1800.0, ((1.0, 10.0),), start=0.1),
}
BREAKS = {"http_req_failed": [{"threshold": "rate<0.1 over 10s", "abortOnFail": True}]}
"""What ends a breakpoint test, unless the script says it itself."""


def parse_profile(value: Any) -> tuple[str, float]:
    """The name and the seconds of "load", or "load:20m". Raises ValueError with a code for the catalogue."""
    if not isinstance(value, str):
        raise ValueError("profile")
    name, colon, written = value.partition(":")
    if name not in PROFILES:
        raise ValueError("profile")
    seconds = parse_duration(written) if colon else PROFILES[name].seconds
    if seconds <= 0:
        raise ValueError("no_time")
    return name, seconds


def profiled(scenario: Scenario, name: str, seconds: float) -> Scenario:
    """`scenario` brought on as the profile does, for so many seconds. Raises ValueError with a code for the
    catalogue when it has a shape of its own."""
    profile = PROFILES[name]
    kept = {
        field: getattr(scenario, field)
        for field in ("graceful_stop", "start_time", "start_after", "exec", "tags", "env", "pacing")
    }
    lines = [(seconds * share, multiple) for share, multiple in profile.lines]
    if isinstance(scenario, ReplayedArrivals) or getattr(scenario, "shape", None) is not None:
        raise ValueError("profile_of_shape")
    if isinstance(scenario, ConstantArrivalRate | RampingArrivalRate):
        return _arriving(scenario, profile, lines, kept)
    vus = _peak_users(scenario)
    if profile.least:
        return ConstantVUs(vus=1, duration=seconds, **kept)
    stages = [(line, round(vus * part)) for line, part in lines]
    return RampingVUs(start_vus=round(vus * profile.start), stages=stages, **kept)


def _arriving(
    scenario: ConstantArrivalRate | RampingArrivalRate,
    profile: Profile,
    lines: list[tuple[float, float]],
    kept: dict[str, Any],
) -> Scenario:
    kept |= {field: getattr(scenario, field) for field in ("pre_allocated_vus", "max_vus", "sessions")}
    kept |= {"arrivals": scenario.arrivals, "time_unit": scenario.time_unit}
    rate = _peak_rate(scenario)
    if profile.least:
        least = min(rate, float(scenario.time_unit))  # type: ignore[arg-type]  # one a second, in its unit
        [(seconds, _)] = lines
        return ConstantArrivalRate(rate=least, duration=seconds, **kept)
    return RampingArrivalRate(
        start_rate=rate * profile.start,
        stages=[(line, rate * part) for line, part in lines],
        **kept,
    )


def _peak_users(scenario: Any) -> int:
    if isinstance(scenario, RampingVUs):
        return int(max(scenario.start_vus, *_targets(scenario)))
    return int(scenario.vus)


def _peak_rate(scenario: ConstantArrivalRate | RampingArrivalRate) -> float:
    if isinstance(scenario, ConstantArrivalRate):
        return scenario.rate
    return float(max(scenario.start_rate, *_targets(scenario)))


def _targets(scenario: RampingVUs | RampingArrivalRate) -> list[Any]:
    return [0, *(target for _, target in scenario.stages or ())]
