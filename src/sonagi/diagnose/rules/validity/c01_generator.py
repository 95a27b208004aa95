"""The load generator had not the CPU that it needed: what it measured is partly itself.

Where the kernel stamps reads, times of answers stay true on a busy core (docs/benchmarks.md); when requests
are sent does not. A generator that is merely busy is no finding: its own delays are what counts.
"""

from dataclasses import dataclass

from sonagi.diagnose import pacing
from sonagi.diagnose.anatomy import none_reached_it
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series

CAUSE = "C01"
SATURATED = 0.85
"""Cores of a thread from which on its queue grows."""
SHOWS, DISTORTS = 0.1, 0.25
"""Share of users' time that went to the generator's own delays: from the first on it is told, from the
second on the load was another one than was planned."""
FEW_LATE, MANY_LATE = 0.01, 0.1
"""Share of an open model's starts that came late: from the first on its p99 is the generator's, from the
second on it was another load."""
BLURS, DROWNS = 0.2, 0.5
"""The same for a delay beside the time of an answer, where it is a part of what is measured."""
LEAST_LAG, SWAMPS = 1.0, 10.0
"""ms: below the first no delay matters to anybody; from the second on, and longer than answers take, requests
leave in bursts."""


@dataclass(frozen=True, slots=True)
class Delay:
    """The generator's own delay (p99 of a typical second), what share of users' time went to such, and how
    it compares with the time of a slow answer (p95)."""

    lag: Quantity
    share: Quantity
    of_answer: float


def look(evidence: Evidence) -> Finding | None:
    """By the generator's own clock where there is one, by arithmetic for other tools' runs."""
    if none_reached_it(evidence):
        return None  # beside no answer any delay is long, and nothing was measured
    delay = _delay(evidence)
    if delay is None:
        return _by_accounts(evidence)
    late = _late(evidence)
    if pacing.is_open(evidence):
        return _by_starts(evidence, delay, late)
    blurs = evidence.stamps != "kernel" and delay.of_answer >= BLURS
    swamps = delay.of_answer >= 1 and delay.lag.value >= SWAMPS
    held_up = max(delay.share.value, late.value if late else 0.0)
    if delay.lag.value < LEAST_LAG or not (blurs or swamps or held_up >= SHOWS):
        return None
    invalid = held_up >= DISTORTS or (blurs and delay.of_answer >= DROWNS)
    core = _busiest_thread(evidence)
    saturated = _saturated(evidence)
    values = {"lag": delay.lag, "share": delay.share}
    true = evidence.stamps == "kernel"
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95 if saturated else 0.8,
        Said("validity.c01_title" if saturated else "validity.c01_title_starved", values),
        (
            Proof(Said("validity.c01_lag", values), "generator"),
            *_of_cores(evidence),
            *([Proof(Said("validity.c01_late", {"late": late}), "generator")] if late else []),
            *_of_lines(evidence),
            Proof(Said("validity.c01_kept" if true else "validity.c01_blurred"), "generator"),
        ),
        Said("validity.c01_action_script" if evidence.blocked else "validity.c01_action"),
        weight=1.0 if invalid else 0.5,
        onset=core.first_at(lambda cores: cores >= SATURATED, lasting=3) if core else None,
        voids=("http_reqs", "iterations") if true else ("http_req_duration", "http_reqs", "iterations"),
        verdict=Verdict.INVALID if invalid else Verdict.SUSPECT,
    )


def _by_starts(evidence: Evidence, delay: Delay, late: Quantity | None) -> Finding | None:
    """Of an open model: a delay changes the load only when iterations begin late by it, whatever share of
    users' time it is."""
    if late is None or late.value < FEW_LATE:
        return None
    saturated = _saturated(evidence)
    invalid = late.value >= MANY_LATE
    values = {"lag": delay.lag, "late": late}
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95 if saturated else 0.8,
        Said("validity.c01_title_late" if saturated else "validity.c01_title_late_starved", values),
        (
            Proof(Said("validity.c01_late", values), "generator"),
            Proof(Said("validity.c01_lag_alone", values), "generator"),
            *_of_cores(evidence),
            *_of_lines(evidence),
            Proof(Said("validity.c01_intended"), "generator"),
        ),
        Said("validity.c01_action_script" if evidence.blocked else "validity.c01_action"),
        weight=1.0 if invalid else 0.5,
        onset=evidence.signal("load.late").first_at(lambda count: count > 0),
        voids=("http_reqs", "iterations", "http_req_intended_duration"),
        verdict=Verdict.INVALID if invalid else Verdict.SUSPECT,
    )


def _saturated(evidence: Evidence) -> bool:
    core = _busiest_thread(evidence)
    return bool(core) and core.share(lambda cores: cores >= SATURATED) >= 0.5


def _delay(evidence: Evidence) -> Delay | None:
    found = [
        lag
        for name in ("generator.lag", "generator.loop_lag")
        if (lag := evidence.measured(name, "median", 0.0)) is not None
    ]
    if not found:
        return None
    lag = max(found, key=lambda one: one.value)
    answer = evidence.measured("load.p95", "median", 0.0)
    of_answer = lag.value / answer.value if answer and answer.value else 0.0
    return Delay(lag, _held_up(evidence, lag), of_answer)


def _held_up(evidence: Evidence, lag: Quantity) -> Quantity:
    """Share of users' time that went neither into requests nor into pauses, as far as delays explain it."""
    whole, request = evidence.trend("iteration_duration").avg, evidence.trend("http_req_duration").avg
    each = pacing.requests_each(evidence)
    if whole is None or not whole.value or each is None:
        return Quantity(0.0, "share", "0")
    explained = Quantity(
        lag.value * each / whole.value,
        "share",
        f"{lag.how} * requests / iterations / iteration_duration.avg",
    )
    if request is None:
        return explained
    asked, waits = evidence.trend("http_req_blocked").avg, pacing.pause(evidence)
    outside = whole.value - each * (request.value + (asked.value if asked else 0.0))
    how = "iteration_duration.avg - http_req_duration.avg * requests / iterations"
    if asked:
        how += " - http_req_blocked.avg * requests / iterations"
    if waits:
        outside, how = outside - waits.value * 1000, f"{how} - {waits.how} * 1000"
    accounted = Quantity(max(outside, 0.0) / whole.value, "share", f"({how}) / iteration_duration.avg")
    return min(accounted, explained, key=lambda one: one.value)


def _late(evidence: Evidence) -> Quantity | None:
    """Share of starts that came too late although there were users for them (else that is C08's)."""
    name = "load.late_generator" if evidence.signal("load.late_generator") else "load.late"
    late = evidence.signal(name)
    if not late or not evidence.iterations:
        return None
    planned = sum(load.vus for load in evidence.loads)
    if name == "load.late" and (evidence.vus is None or evidence.vus[2] >= planned):
        return None
    share = sum(late.values) / (evidence.iterations + (evidence.dropped or 0))
    return Quantity(share, "share", f"sum({name}) / (iterations + dropped)") if share >= FEW_LATE else None


def _busiest_thread(evidence: Evidence) -> Series:
    """Cores of the busier of the two threads; of the process where threads were not told apart."""
    user, wire = evidence.signal("generator.user_cpu"), evidence.signal("generator.io_cpu")
    if not user or not wire:
        return user or wire or evidence.signal("generator.cpu")
    other = dict(wire)
    return Series(user.at, tuple(max(cores, other.get(at, 0.0)) for at, cores in user))


def _of_cores(evidence: Evidence) -> list[Proof]:
    named = {"user": "generator.user_cpu", "wire": "generator.io_cpu", "all": "generator.cpu"}
    found = {name: evidence.measured(signal, "median", 0.0) for name, signal in named.items()}
    busiest = max((one for one in found.values() if one is not None), key=lambda one: one.value, default=None)
    thread = max(
        (one for name in ("user", "wire") if (one := found[name]) is not None),
        key=lambda one: one.value,
        default=busiest,
    )
    return [Proof(Said("validity.c01_core", {"cores": thread}), "generator")] if thread is not None else []


def _of_lines(evidence: Evidence) -> list[Proof]:
    """The line of the script that blocked longest."""
    if not evidence.blocked:
        return []
    line, longest = max(evidence.blocked, key=lambda one: one[1])
    values = {"line": line, "longest": Quantity(longest, "ms", "max(blocked)")}
    return [Proof(Said("validity.c01_blocked", values), "script")]


def _by_accounts(evidence: Evidence) -> Finding | None:
    """Time of iterations that went neither into requests nor into the pause that the script asks for."""
    waits, each = pacing.pause(evidence), pacing.requests_each(evidence)
    whole, request = evidence.trend("iteration_duration").avg, evidence.trend("http_req_duration").avg
    asked = evidence.trend("http_req_blocked").avg
    if waits is None or each is None or whole is None or request is None or "script" not in waits.how:
        return None
    if not pacing.is_steady(evidence) or (evidence.failed_share or 0.0) > 0.01:
        return None
    inside = request.high + (asked.high if asked else 0.0)
    beside = whole.low - waits.value * 1000 - each * inside
    if beside < max(5.0, BLURS * request.value):
        return None
    how = "iteration_duration.avg - script.think * 1000 - http_req_duration.avg * requests / iterations"
    values = {
        "beside": Quantity(beside, "ms", how),
        "whole": Quantity(whole.value, "ms", "iteration_duration.avg"),
        "pause": waits,
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.5,
        Said("validity.c01_title_beside", values),
        (Proof(Said("validity.c01_accounts", values), "arithmetic"),),
        Said("validity.c01_action"),
        weight=0.3,
        voids=("http_reqs",),
        verdict=Verdict.SUSPECT,
    )
