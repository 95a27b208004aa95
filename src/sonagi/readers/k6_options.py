"""The scenarios in a k6 script's `options`, as far as they stand there in plain numbers."""

import re
from collections.abc import Mapping

from sonagi.model.evidence import PlannedLoad
from sonagi.readers import javascript, numbers
from sonagi.readers.javascript_text import Scope
from sonagi.readers.k6_plan import MAX_DURATION

_MEMBER = re.compile(r"""^['"]?(\w+)['"]?\s*:\s*(.+)$""", re.DOTALL)
_TARGET = re.compile(r"target\s*:\s*([\w.]+)")
_DURATION = re.compile(r"duration\s*:\s*(['\"]?[\w.]+['\"]?)")

Planned = tuple[PlannedLoad, str]


def loads(text: str, scope: Scope) -> list[Planned]:
    """Each scenario that can be understood, with the function that it runs."""
    options = javascript.block(text, "options")
    if not options:
        return []
    members = _members(options)
    if "scenarios" in members:
        inside = javascript.block(options, "scenarios")
        found = [_load(name, _members(scenario), scope) for name, scenario in javascript.blocks(inside)]
        return [planned for planned in found if planned is not None]
    executor = (
        "ramping-vus"
        if "stages" in members
        else "constant-vus"
        if "duration" in members and "iterations" not in members
        else "shared-iterations"
    )
    if not members.keys() & {"vus", "stages", "duration", "iterations"}:
        return []
    if executor == "shared-iterations" and "duration" in members:
        members["maxDuration"] = members["duration"]
    planned = _load("default", {**members, "executor": f"'{executor}'"}, scope)
    return [planned] if planned is not None else []


def _members(text: str) -> dict[str, str]:
    pairs = (_MEMBER.match(member) for member in javascript.split(text))
    return {pair[1]: pair[2].strip() for pair in pairs if pair}


def _load(name: str, members: Mapping[str, str], scope: Scope) -> Planned | None:
    told = scope.text(members.get("executor", ""))
    executor = told.text if told else ""
    function = scope.text(members.get("exec", "'default'"))
    grace = _seconds(members.get("gracefulStop", "'30s'"), scope)
    seconds = _seconds(members.get("duration", ""), scope)
    rate = vus = iterations = None
    if executor.endswith("-iterations"):
        vus, iterations = (
            _count(members.get("vus", "1"), scope),
            _count(members.get("iterations", "1"), scope),
        )
        seconds = _seconds(members.get("maxDuration", f"'{MAX_DURATION}s'"), scope)
        if iterations is None:
            return None
    elif executor == "constant-vus":
        vus = _count(members.get("vus", "1"), scope)
    elif executor in ("ramping-vus", "ramping-arrival-rate"):
        stages = members.get("stages", "")
        targets = [scope.number(target) for target in _TARGET.findall(stages)]
        spans = [_seconds(span, scope) for span in _DURATION.findall(stages)]
        most = max((target for target in targets if target is not None), default=0.0)
        seconds = sum(span for span in spans if span is not None)
        vus, rate = (int(most), None) if executor == "ramping-vus" else (_most_vus(members, scope), most)
    elif executor == "constant-arrival-rate":
        vus, rate = _most_vus(members, scope), scope.number(members.get("rate", ""))
    if vus is None or not seconds or (executor.endswith("-rate") and not rate):
        return None
    unit = _seconds(members.get("timeUnit", "'1s'"), scope) or 1.0
    together = executor.endswith("-iterations") or executor == "constant-vus"
    load = PlannedLoad(
        name,
        executor,
        vus,
        seconds,
        iterations,
        30.0 if grace is None else grace,
        together,
        rate / unit if rate else None,
    )
    return load, function.text if function else ""


def _most_vus(members: Mapping[str, str], scope: Scope) -> int | None:
    return _count(members.get("maxVUs") or members.get("preAllocatedVUs", ""), scope)


def _count(expression: str, scope: Scope) -> int | None:
    number = scope.number(expression)
    return int(number) if number is not None and 0 <= number < 1e12 else None


def _seconds(expression: str, scope: Scope) -> float | None:
    """A bare number is milliseconds, as in k6."""
    number = scope.number(expression)
    if number is not None:
        return number / 1000
    text = scope.text(expression)
    return numbers.seconds(text.text) if text else None
