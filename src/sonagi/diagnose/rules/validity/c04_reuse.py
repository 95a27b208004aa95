"""Nearly each request opened a connection of its own: part of what users wait for is connecting."""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import FailureKind

CAUSE = "C04"
MOST = 0.5
"""Share of requests that opened a connection; reuse leaves one a user."""
REPEATS = 3
"""Requests a user from which on reuse could have been seen."""
COSTLY = 0.3
"""Share of a request's whole time spent connecting from which on the figures are of another use than
users who keep their connections."""
BROKE = (FailureKind.RESET, FailureKind.CUT_OFF, FailureKind.TIMEOUT, FailureKind.REFUSED)
"""After these a connection can't be used again, whatever was agreed on."""


def look(evidence: Evidence) -> Finding | None:
    """By counts where there are any, by times of connecting in a summary: 0 where one was reused."""
    requests, users = evidence.requests or 0, evidence.users
    asked_for = evidence.settings.get("keep_alive") in ("off", "false")
    if asked_for or not users or requests < REPEATS * users or (evidence.failed_share or 0.0) > MOST:
        return None
    counted = evidence.connects is not None
    opened = _counted(evidence) if counted else _shown(evidence)
    if opened is None or opened.value < MOST:
        return None
    cost = _cost(evidence)
    costly = cost is not None and cost.value >= COSTLY
    values = {"share": opened, "requests": Quantity(requests, "count", "requests")}
    proofs = [Proof(Said("validity.c04_opened" if counted else "validity.c04_least", values), "client")]
    if cost is not None:
        proofs.append(Proof(Said("validity.c04_cost", {"cost": cost}), "client"))
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95 if counted else 0.85,
        Said("validity.c04_title", values),
        tuple(proofs),
        Said("validity.c04_action_open" if pacing.is_open(evidence) else "validity.c04_action"),
        weight=0.3 if costly else 0.1,
        explains=("C02",),
        voids=("http_req_blocked",),
        verdict=Verdict.SUSPECT if costly else Verdict.VALID,
    )


def _counted(evidence: Evidence) -> Quantity | None:
    broken = evidence.failures_of(*BROKE)
    opened = (evidence.connects or 0) - broken - evidence.users
    share = max(opened, 0) / (evidence.requests or 1)
    return Quantity(share, "share", "(connects - sum(failures.count) - users) / requests")


def _shown(evidence: Evidence) -> Quantity | None:
    """The least share that a summary's times of connecting leave: all, a half, or unknown."""
    connecting = evidence.trend("http_req_connecting")
    if connecting.min is not None and connecting.min.value > 0:
        return Quantity(1.0, "share", "http_req_connecting.min > 0")
    if connecting.med is not None and connecting.med.value > 0:
        return Quantity(0.5, "share", "http_req_connecting.med > 0")
    return None


def _cost(evidence: Evidence) -> Quantity | None:
    connecting, duration = evidence.trend("http_req_connecting").avg, evidence.trend("http_req_duration").avg
    tls = evidence.trend("http_req_tls_handshaking").avg
    if connecting is None or duration is None:
        return None
    spent = connecting.value + (tls.value if tls else 0.0)
    how = "(http_req_connecting.avg + http_req_tls_handshaking.avg)" if tls else "http_req_connecting.avg"
    total = spent + duration.value
    return Quantity(spent / total, "share", f"{how} / ({how} + http_req_duration.avg)") if total else None
