"""The server hardly had anything to do: that it kept up says where its limit isn't, not where it is.

Told only where somebody will read a limit from the run.
"""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity

CAUSE = "C17"
FEW = 2.5
"""Requests in the server at a time that no server of today is full with."""
PART = 0.3
"""Share of its cores and connections below which the same holds for a larger one."""
BUSY = 0.7
"""CPU of the host from which on it is no underload, however few the requests."""
KNEE = 1.5
"""By so many times answers are slower at more load, where the server begins to fill."""
FAILS = 0.05
"""Share of failures with which nothing "was fine"."""


def look(evidence: Evidence) -> Finding | None:
    """Little's law: what is in the server at a time is rate × response time."""
    held, rate = evidence.in_flight, evidence.rate
    if not held or rate is None or not pacing.asks_for_rate(evidence):
        return None
    if held >= _room(evidence) or _is_busy(evidence) or (evidence.failed_share or 0.0) > FAILS:
        return None
    response = evidence.trend("http_req_duration").avg
    assert response is not None
    values = {
        "held": Quantity(held, "plain", "requests / seconds * http_req_duration.avg / 1000"),
        "rate": Quantity(rate, "per_s", "requests / seconds"),
        "response": Quantity(response.value, "ms", "http_req_duration.avg"),
    }
    flat = _flat(evidence)
    if flat is None:
        return None
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95,
        Said("validity.c17_title", values),
        (Proof(Said("validity.c17_little", values), "arithmetic"), *flat),
        Said("validity.c17_action", {"next": Quantity(rate * 1.5, "per_s", "requests / seconds * 1.5")}),
        weight=0.3,
        voids=("http_reqs",),
        verdict=Verdict.SUSPECT,
    )


def _room(evidence: Evidence) -> float:
    """Requests at a time that are still few for this server, as far as it is known."""
    cores = evidence.signal("process.cores").stat("max") or evidence.signal("host.cores").stat("max")
    pool = evidence.signal("pool.max").stat("max")
    known = [size for size in (cores, pool) if size]
    return max(FEW, PART * min(known)) if known else FEW


def _is_busy(evidence: Evidence) -> bool:
    cpu = evidence.signal("host.cpu_busiest") or evidence.signal("host.cpu")
    return (cpu.stat("median") or 0.0) >= BUSY or evidence.signal("pool.pending").share(lambda n: n > 0) > 0.1


def _flat(evidence: Evidence) -> list[Proof] | None:
    """With more load than before, answers took no longer; None when they did."""
    before = evidence.before
    if before is None or not pacing.scaled(evidence) or evidence.users < before.users:
        return []
    one, other = before.trend("http_req_duration").avg, evidence.trend("http_req_duration").avg
    if one is None or other is None or (before.failed_share or 0.0) > FAILS:
        return []
    if other.value > KNEE * one.value:
        return None
    values = {
        "before": Quantity(one.value, "ms", "before.http_req_duration.avg"),
        "after": Quantity(other.value, "ms", "http_req_duration.avg"),
    }
    return [Proof(Said("validity.c17_flat", values), "arithmetic")]
