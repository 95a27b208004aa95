"""A number of a finding, computed again from the evidence by nothing but what it says of itself
(`Quantity.how`): names of the evidence are looked up, what remains is arithmetic."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import again_series
import again_traffic

from sonagi.diagnose import pacing
from sonagi.diagnose.anatomy import think
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Said
from sonagi.model.quantity import Quantity

TOLD = (
    "(total, active, waiting) of the log",
    "size + overflow of the log",
    "longest gap between two stamps of the log",
    "count(log) after the gap",
    "last - first stamp of the burst",
    "min(log, ",
    "max(log, ",
    "HikariCP's ",
    "max(blocked",
    "max(exceptions",
    "max(warnings",
    "len(warnings)",
    "sum(exceptions",
)
"""What a log of a write-up told, line by line, and what another tool wrote in words: no formula leads there."""
_TREND = re.compile(r"(before\.)?\b([a-z]\w*(?:\{[^}]*\})?)\.(avg|min|med|max|p[\d.]*\d)\b")
_FUNCTIONS = {
    "round": round,
    "ceil": math.ceil,
    "floor": math.floor,
    "log": math.log,
    "max": max,
    "min": min,
    "wilson_low": again_traffic.wilson_low,
    "wilson_high": again_traffic.wilson_high,
}


def quantities(finding: Finding) -> Iterator[Quantity]:
    """All numbers that a finding cites."""
    for said in (finding.title, finding.action, *(proof.said for proof in finding.evidence)):
        yield from _inside(said)


def _inside(said: Said) -> Iterator[Quantity]:
    for value in said.values.values():
        if isinstance(value, Quantity):
            yield value
        elif isinstance(value, Said):
            yield from _inside(value)


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
        "rows": evidence.rows,
        "goal": pacing.goal(evidence),
        "plan": pacing.limit(evidence).value,
        "grace": max((load.grace for load in evidence.loads), default=0.0),
        "plan_rate": sum(load.rate or 0.0 for load in evidence.loads),
        "think": think(evidence),
        "script_think": evidence.script.think,
        "script_request_bytes": evidence.script.request_bytes,
        "timeout": evidence.timeout,
        "connect_timeout": evidence.connect_timeout,
        "names": evidence.names,
        "connects": evidence.connects,
        "sent": evidence.sent and evidence.sent.value,
        "received": evidence.received and evidence.received.value,
        "vus_last": last,
        "vus_max": most,
        "failures": sum(one.count for one in evidence.failures),
        "samples": evidence.trend("http_req_duration").count or evidence.requests,
        "checks_passes": sum(check.passes for check in evidence.checks),
        "checks_fails": sum(check.fails for check in evidence.checks),
        **{f"keys_{name}": count for name, count in evidence.script.keys.items()},
    }


def recompute(how: str, evidence: Evidence) -> float:
    """Raises what Python raises where `how` is no formula of the evidence."""
    names = facts(evidence)
    if evidence.before is not None:
        names |= {f"before_{name}": value for name, value in facts(evidence.before).items()}

    def keep(value: float | None) -> str:
        if value is None:
            raise LookupError(how)
        names[f"v{len(names)}"] = value
        return f"v{len(names) - 1}"

    def of_trend(match: re.Match[str]) -> str:
        trend = (evidence.before if match[1] else evidence).trend(match[2])  # type: ignore[union-attr]
        reading = trend.percentiles[float(match[3][1:])] if match[3][0] == "p" else getattr(trend, match[3])
        return match[0] if reading is None else keep(reading.value)

    def put(text: str, pattern: re.Pattern[str], value: Callable[[re.Match[str], Evidence], Any]) -> str:
        return pattern.sub(lambda match: keep(value(match, evidence)), text)

    text = how
    for pattern, value in (*again_traffic.FORMS, *again_series.FORMS):
        text = put(text, pattern, value)
    text = text.replace("sum(failures.count)", "failures").replace("sum(load.late)", _total(evidence))
    text = _known(names, _TREND.sub(of_trend, text) if "." in text else text)
    return float(eval(text, {"__builtins__": {}}, {**_FUNCTIONS, **names}))


def _known(names: dict[str, Any], text: str) -> str:
    """`plan.rate` and the like as names of Python's."""
    return re.sub(r"\b(plan|script|vus|before|keys|checks)\.(?=[a-z])", r"\1_", text)


def _total(evidence: Evidence) -> str:
    return str(sum(evidence.signal("load.late").values))
