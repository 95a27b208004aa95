"""An open model had too few users for its rate: starts that found none free were dropped."""

from math import ceil

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity

CAUSE = "C08"
NEGLIGIBLE = 0.01
"""Share of the starts that may be missing without anything to say."""


def look(evidence: Evidence) -> Finding | None:
    """Only where all users were in use: starts that come late though users are free are the generator's."""
    dropped, done = evidence.dropped, evidence.iterations
    planned = sum(load.vus for load in evidence.loads if not load.grows)
    if not pacing.is_open(evidence) or not dropped or done is None or dropped < NEGLIGIBLE * (done + dropped):
        return None
    most = evidence.vus[2] if evidence.vus else None
    # Where each late start has its reason, no user was free for one that was dropped; else by their number.
    told = bool(evidence.signal("load.late_generator"))
    if not planned or (not told and most is not None and most < planned):
        return None
    share = dropped / (done + dropped)
    values = {
        "dropped": Quantity(dropped, "count", "dropped"),
        "share": Quantity(share, "share", "dropped / (iterations + dropped)"),
        "users": Quantity(planned, "count", "users"),
    }
    need = _needed(evidence)
    if need is not None and need.value <= planned:
        need = None
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.95 if told or most is not None else 0.7,
        Said("validity.c08_title", values),
        (Proof(Said("validity.c08_dropped", values), "client"), *_lasting(evidence), *_law(evidence, need)),
        Said("validity.c08_action_users", {"needed": need}) if need else Said("validity.c08_action"),
        weight=min(max(share, 0.1), 1.0),
        onset=evidence.signal("load.late").first_at(lambda count: count > 0),
        voids=("http_reqs", "dropped_iterations"),
        verdict=Verdict.SUSPECT,  # what did start says of the server what it says
    )


def _needed(evidence: Evidence) -> Quantity | None:
    """Users that a rate takes: rate × time of an iteration, the slowest ones counted (Little)."""
    rates = [load.rate for load in evidence.loads if load.rate is not None]
    whole = evidence.trend("iteration_duration")
    if not rates or not whole.percentiles:
        return None
    percent = max(one for one in whole.percentiles)
    users = ceil(sum(rates) * whole.percentiles[percent].value / 1000)
    return Quantity(users, "count", f"ceil(plan.rate * iteration_duration.p{percent:g} / 1000)")


def _law(evidence: Evidence, need: Quantity | None) -> list[Proof]:
    whole = evidence.trend("iteration_duration").avg
    if need is None or whole is None:
        return []
    values = {
        "rate": Quantity(sum(load.rate or 0.0 for load in evidence.loads), "per_s", "plan.rate"),
        "turn": Quantity(whole.value, "ms", "iteration_duration.avg"),
        "needed": need,
    }
    return [Proof(Said("validity.c08_law", values), "arithmetic")]


def _lasting(evidence: Evidence) -> list[Proof]:
    late = evidence.signal("load.late")
    if not late:
        return []
    share = Quantity(late.share(lambda count: count > 0), "share", "share(load.late > 0)")
    return [Proof(Said("validity.c08_lasting", {"seconds": share}), "generator")]
