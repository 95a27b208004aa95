"""How many users a scenario has, how often it begins iterations, and for how long."""

from collections.abc import Collection
from typing import Any

from sonagi.plan.arrivals import Curve
from sonagi.plan.executors import (
    MOST_RATE,
    MOST_VUS,
    ConstantArrivalRate,
    ConstantVUs,
    PerVUIterations,
    RampingArrivalRate,
    RampingVUs,
    ReplayedArrivals,
    Scenario,
    SharedIterations,
)
from sonagi.plan.functions import Offered
from sonagi.plan.problems import Problem
from sonagi.plan.shape import sample

Arriving = ConstantArrivalRate | RampingArrivalRate | ReplayedArrivals
Lines = tuple[tuple[float, float], ...]
SAFE_VUS = 10_000
"""Users that an open-model scenario may grow to when nobody says how many: 160 MB, and as many sockets."""
STAND_IN: tuple[float, Lines] = (1.0, ((1.0, 1.0),))
"""After a mistake something stands for what is missing, so that what else is wrong comes to light too."""


def limits(
    scenario: Scenario, where: str, offered: Offered, room: int, found: list[Problem]
) -> dict[str, Any]:
    """The fields of a ScenarioPlan that are its executor's own. Where nobody says how many users there may
    be, there are `room` at most."""
    if isinstance(scenario, RampingVUs):
        return _ramped(scenario, where, found)
    if isinstance(scenario, ConstantVUs | PerVUIterations | SharedIterations):
        return _fixed(scenario, where, found)
    return _arriving(scenario, where, offered, room, found)


def _fixed(
    scenario: ConstantVUs | PerVUIterations | SharedIterations, where: str, found: list[Problem]
) -> dict[str, Any]:
    limit = "duration" if isinstance(scenario, ConstantVUs) else "max_duration"
    span = getattr(scenario, limit)
    if span <= 0:
        found.append(Problem("no_time", f"{where}.{limit}"))
    planned = {"vus": scenario.vus, "start": scenario.start, limit: span}
    if not isinstance(scenario, ConstantVUs):
        planned["iterations"] = scenario.iterations
    if isinstance(scenario, SharedIterations) and scenario.iterations < scenario.vus:
        values = {"iterations": scenario.iterations, "vus": scenario.vus}
        found.append(Problem("fewer_iterations", f"{where}.iterations", values))
    return planned


def _ramped(scenario: RampingVUs, where: str, found: list[Problem]) -> dict[str, Any]:
    start, stages = _stages(scenario, scenario.start_vus, MOST_VUS, where, found)
    whole = tuple((seconds, round(target)) for seconds, target in stages)
    peak = max([round(start), *(target for _, target in whole)])
    if sum(seconds for seconds, _ in whole) <= 0:
        found.append(Problem("no_time", f"{where}.stages"))
    elif peak == 0:
        found.append(Problem("no_users", f"{where}.stages"))
    return {
        "vus": peak,
        "start_vus": round(start),
        "stages": whole,
        "graceful_ramp_down": scenario.graceful_ramp_down,
    }


def _arriving(
    scenario: Arriving, where: str, offered: Offered, room: int, found: list[Problem]
) -> dict[str, Any]:
    planned = _users(scenario, where, room, found) | {"sessions": scenario.sessions}
    if scenario.pacing is not None:
        found.append(Problem("paced_arrivals", f"{where}.pacing"))
    if isinstance(scenario, ReplayedArrivals):
        read = offered.arrivals(scenario.log)
        if isinstance(read, Problem):
            found.append(Problem(read.code, f"{where}.log", read.values))
            return planned | {"duration": 1.0}
        times = tuple(round(time / scenario.speed) for time in read)
        return planned | {"replayed": times, "duration": max(times[-1] / 1e9, 1e-3)}
    planned |= {"arrivals": scenario.arrivals, "time_unit": scenario.time_unit or 1.0}
    if scenario.time_unit <= 0:  # type: ignore[operator]  # validated to seconds
        found.append(Problem("no_time", f"{where}.time_unit"))
    lines: Lines
    if isinstance(scenario, ConstantArrivalRate):
        duration: float = scenario.duration  # type: ignore[assignment]
        start, lines = scenario.rate, ((duration, scenario.rate),)
        if duration <= 0:
            found.append(Problem("no_time", f"{where}.duration"))
    else:
        start, lines = _stages(scenario, scenario.start_rate, MOST_RATE, where, found)
        if sum(seconds for seconds, _ in lines) <= 0:
            found.append(Problem("no_time", f"{where}.stages"))
        elif Curve(start, lines, planned["time_unit"]).total < 1:
            found.append(Problem("no_starts", f"{where}.stages"))
    return planned | {"start_rate": start, "rates": lines}


def _users(scenario: Arriving, where: str, room: int, found: list[Problem]) -> dict[str, Any]:
    """Users: as k6, no more than were pre-allocated unless max_vus says so; without both, as many as are
    needed."""
    least, most = scenario.pre_allocated_vus, scenario.max_vus
    if least is None and most is None:
        return {"vus": min(SAFE_VUS, room), "pre_allocated_vus": 0, "drops": False}
    if least is not None and most is not None and least > most:
        found.append(Problem("more_allocated", f"{where}.max_vus", {"least": least, "most": most}))
    most = most or least or 1
    return {"vus": most, "pre_allocated_vus": min(least or 0, most), "drops": True}


def _stages(
    scenario: RampingVUs | RampingArrivalRate, start: float, most: float, where: str, found: list[Problem]
) -> tuple[float, Lines]:
    """The value at the start and the lines from there, out of stages or of a shape."""
    misread = {problem.where.partition(".")[0] for problem in scenario.mistakes()}
    if misread & {"stages", "shape", "duration"}:
        return STAND_IN
    if scenario.shape is None:
        if scenario.duration is not None:
            found.append(Problem("duration_of_stages", f"{where}.duration"))
        if scenario.stages is None:
            found.append(Problem("missing", f"{where}.stages"))
            return STAND_IN
        return start, tuple(scenario.stages)  # type: ignore[arg-type]  # validated to numbers
    if scenario.stages is not None:
        found.append(Problem("stages_and_shape", f"{where}.shape"))
    own_start = {"start_rate", "start_vus"} & scenario.model_fields_set
    found += [Problem("start_of_shape", f"{where}.{name}") for name in own_start]
    if not scenario.duration:
        found.append(Problem("missing" if scenario.duration is None else "no_time", f"{where}.duration"))
        return STAND_IN
    sampled = sample(scenario.shape, scenario.duration, f"{where}.shape", found, most)  # type: ignore[arg-type]
    return sampled.start, sampled.stages


def room_for_each(scenarios: Collection[Scenario], most_vus: int) -> int:
    """Users that each of those may have that grow, of `most_vus` for all."""
    growing = sum(
        isinstance(scenario, Arriving) and scenario.pre_allocated_vus is None and scenario.max_vus is None
        for scenario in scenarios
    )
    return max(most_vus // max(growing, 1), 1)
