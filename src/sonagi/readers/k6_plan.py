"""The lines of k6's output that tell what was planned and how far it went: scenarios, progress, warnings."""

import re
from dataclasses import dataclass

from sonagi.model.evidence import PlannedLoad
from sonagi.readers import numbers

MAX_DURATION = 600.0
"""Seconds that k6 gives scenarios by iterations."""

_TIME = r"\d[\dhmsµ.]*"
_INT = r"\d{1,15}"  # more digits are none of k6's
_NUMBER = r"\d{1,15}(?:\.\d{1,15})?"
_SCENARIO = re.compile(
    rf"\*\s+([\w-]+):\s+(?:(?P<each>{_INT}) iterations for each of (?P<per_vu>{_INT}) VUs"
    rf"|(?P<all>{_INT}) iterations shared among (?P<shared>{_INT}) VUs"
    rf"|(?P<constant>{_INT}) looping VUs for (?P<constant_for>{_TIME})"
    rf"|Up to (?P<ramping>{_INT}) looping VUs for (?P<ramping_for>{_TIME})"
    rf"|(?P<rate>{_NUMBER}) iterations/s for (?P<rate_for>{_TIME})"
    rf"|Up to (?P<ramping_rate>{_NUMBER}) iterations/s for (?P<ramping_rate_for>{_TIME}))(?P<rest>.*)"
)
_LIMIT = re.compile(rf"(maxDuration|gracefulStop): ({_TIME})")
_MAX_VUS = re.compile(rf"maxVUs: (?:{_INT}-)?({_INT})")
_EXEC = re.compile(r"exec: (\w+)")
_RUNNING = re.compile(
    rf"running \(({_TIME})\), ({_INT})/({_INT}) VUs, ({_INT}) complete and ({_INT}) interrupted iterations"
)
_OURS = re.compile(
    rf"^\s*(?:(?P<full>{_INT}) iterations complete, (?P<cut>{_INT}) interrupted, in (?P<seconds>{_NUMBER}) s"
    rf"|(?P<seconds_ko>{_NUMBER})초 동안 반복 (?P<full_ko>{_INT})회 완료, (?P<cut_ko>{_INT})회 중단)"
)
_BAR = re.compile(
    rf"^\s*([\w-]+)\s+[✓✗√•]?\s*\[[^\]]*\]\s+(?P<active>{_INT}/)?(?P<vus>{_INT}) VUs"
    rf"\s+(?:{_TIME}/)?(?P<limit>{_TIME})"
    rf"(?:\s+{_INT}/(?P<all>{_INT}) (?:iters, (?P<each>{_INT}) per VU|shared iters))?"
    rf"(?:\s+(?P<rate>{_NUMBER}) iters/s)?"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run was."""

    seconds: float
    iterations: int
    interrupted: int
    users: int | None = None


def scenario(line: str) -> tuple[PlannedLoad, str] | None:
    """A scenario as k6 describes it before it starts, and the function that it runs ("" for `default`)."""
    match = _SCENARIO.search(line)
    if match is None:
        return None
    name, rest = match[1], match["rest"]
    limits = {key: numbers.seconds(value) for key, value in _LIMIT.findall(rest)}
    limit, grace = limits.get("maxDuration") or MAX_DURATION, limits.get("gracefulStop")
    grace = 30.0 if grace is None else grace
    vus = _MAX_VUS.search(rest)
    most = int(vus[1]) if vus else 0
    if match["each"]:
        load = PlannedLoad(name, "per-vu-iterations", int(match["per_vu"]), limit, int(match["each"]), grace)
    elif match["all"]:
        load = PlannedLoad(name, "shared-iterations", int(match["shared"]), limit, int(match["all"]), grace)
    elif match["constant"]:
        seconds = numbers.seconds(match["constant_for"]) or 0.0
        load = PlannedLoad(name, "constant-vus", int(match["constant"]), seconds, grace=grace)
    elif match["ramping"]:
        seconds = numbers.seconds(match["ramping_for"]) or 0.0
        load = PlannedLoad(name, "ramping-vus", int(match["ramping"]), seconds, grace=grace, together=False)
    else:
        ramping = match["rate"] is None
        rate = float(match["ramping_rate"] if ramping else match["rate"])
        seconds = numbers.seconds(match["ramping_rate_for"] if ramping else match["rate_for"]) or 0.0
        executor = "ramping-arrival-rate" if ramping else "constant-arrival-rate"
        load = PlannedLoad(name, executor, most, seconds, grace=grace, together=False, rate=rate)
    function = _EXEC.search(rest)
    return load, function[1] if function else ""


def bar(line: str) -> PlannedLoad | None:
    """What a progress bar tells of the plan, for outputs whose beginning is missing."""
    match = _BAR.match(line)
    seconds = numbers.seconds(match["limit"]) if match else None
    if match is None or seconds is None:
        return None
    name, vus = match[1], int(match["vus"])
    if match["each"]:
        return PlannedLoad(name, "per-vu-iterations", vus, seconds, int(match["each"]))
    if match["all"]:
        return PlannedLoad(name, "shared-iterations", vus, seconds, int(match["all"]))
    if match["rate"]:
        rate = float(match["rate"])
        return PlannedLoad(name, "constant-arrival-rate", vus, seconds, together=False, rate=rate)
    # Only executors whose users change show how many of them are active.
    executor = "ramping-vus" if match["active"] else "constant-vus"
    return PlannedLoad(name, executor, vus, seconds, together=executor == "constant-vus")


def progress(line: str) -> Progress | None:
    """k6's "running (10m30.0s), 000/100 VUs, …", or the last line of Sonagi's summary."""
    running = _RUNNING.search(line)
    if running:
        seconds = numbers.seconds(running[1])
        if seconds is None:
            return None
        return Progress(seconds, int(running[4]), int(running[5]), int(running[3]))
    ours = _OURS.match(line)
    if ours:
        seconds_shown = ours["seconds"] or ours["seconds_ko"]
        full, cut = ours["full"] or ours["full_ko"], ours["cut"] or ours["cut_ko"]
        return Progress(float(seconds_shown), int(full), int(cut))
    return None
