"""A number of a finding, computed again from the evidence by what it says of itself (`Quantity.how`)."""

import math
import re
from typing import Any

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence

_TREND = re.compile(r"(before\.)?\b([a-z]\w*(?:\{[^}]*\})?)\.(avg|min|med|max|p[\d.]*\d)\b")
_STATISTIC = re.compile(r"\b(min|max|mean|median|sum|first|last)\(([a-z_.|]+)\)\[(-?[\d.]+)\.\.(-?[\d.]+)\]")
_SHARE = re.compile(r"\b(share|seconds|longest)\(([a-z_.]+) ([<>]) ([\d.]+)\)")
_FUNCTIONS = {"round": round, "ceil": math.ceil, "floor": math.floor, "log": math.log, "max": max, "min": min}


def facts(evidence: Evidence) -> dict[str, Any]:
    """What formulas call by name."""
    last, _, most = evidence.vus or (0, 0, 0)
    return {
        "requests": evidence.requests,
        "failed": evidence.failed,
        "iterations": evidence.iterations,
        "interrupted": evidence.interrupted,
        "dropped": evidence.dropped,
        "seconds": evidence.seconds,
        "users": evidence.users,
        "goal": pacing.goal(evidence),
        "plan": pacing.limit(evidence).value,
        "plan_rate": sum(load.rate or 0.0 for load in evidence.loads),
        "think": evidence.loads[0].constant_think if evidence.loads else None,
        "script_think": evidence.script.think,
        "timeout": evidence.timeout,
        "names": evidence.names,
        "connects": evidence.connects,
        "sent": evidence.sent and evidence.sent.value,
        "received": evidence.received and evidence.received.value,
        "vus_last": last,
        "vus_max": most,
        "failures": sum(one.count for one in evidence.failures),
        "samples": evidence.trend("http_req_duration").count or evidence.requests,
        **{f"keys_{name}": count for name, count in evidence.script.keys.items()},
    }


def recompute(how: str, evidence: Evidence) -> float:
    """Raises what Python raises where `how` is no formula of the evidence."""
    names = facts(evidence)
    if evidence.before is not None:
        names |= {f"before_{name}": value for name, value in facts(evidence.before).items()}

    def keep(value: float) -> str:
        names[f"v{len(names)}"] = value
        return f"v{len(names) - 1}"

    def of_trend(match: re.Match[str]) -> str:
        trend = (evidence.before if match[1] else evidence).trend(match[2])  # type: ignore[union-attr]
        reading = trend.percentiles[float(match[3][1:])] if match[3][0] == "p" else getattr(trend, match[3])
        return match[0] if reading is None else keep(reading.value)

    def of_signal(match: re.Match[str]) -> str:
        part = evidence.signal(match[2]).between(float(match[3]), float(match[4]))
        return keep(part.stat(match[1]))  # type: ignore[arg-type]

    text = _STATISTIC.sub(of_signal, how)
    text = _SHARE.sub(lambda match: keep(_of_seconds(match, evidence)), text)
    text = text.replace("sum(failures.count)", "failures").replace("sum(load.late)", _total(evidence))
    text = _known(names, _TREND.sub(of_trend, text) if "." in text else text)
    return float(eval(text, {"__builtins__": {}}, {**_FUNCTIONS, **names}))


def _known(names: dict[str, Any], text: str) -> str:
    """`plan.rate` and the like as names of Python's."""
    return re.sub(r"\b(plan|script|vus|before|keys)\.(?=[a-z])", r"\1_", text)


def _total(evidence: Evidence) -> str:
    return str(sum(evidence.signal("load.late").values))


def _of_seconds(match: re.Match[str], evidence: Evidence) -> float:
    limit = float(match[4])
    below, signal = match[3] == "<", evidence.signal(match[2])

    def holds(value: float) -> bool:
        return value < limit if below else value > limit

    if match[1] == "share":
        return signal.share(holds)
    found = [holds(value) for value in signal.values]
    if match[1] == "seconds":
        return sum(found)
    return max(len(run) for run in "".join("x" if one else " " for one in found).split(" "))
