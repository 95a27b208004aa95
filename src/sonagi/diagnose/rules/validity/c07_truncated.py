"""The time was over before the iterations were: those left are "dropped", and no server dropped them.

dropped = goal − done − interrupted, exactly (k6, lib/executor/per_vu_iterations.go): they were never started.
"""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity

CAUSE = "C07"
NEGLIGIBLE = 0.01
"""Share of the goal that may be missing without anything to say."""
FAILING = 0.5
"""Share of failures from which on longer or larger is no advice."""


def look(evidence: Evidence) -> Finding | None:
    """Only iterations that were planned by number can be left over, and only in a run of full length."""
    goal, done, dropped, cut = (
        pacing.goal(evidence),
        evidence.iterations,
        evidence.dropped,
        evidence.interrupted or 0,
    )
    if (
        not goal
        or done is None
        or not dropped
        or dropped < goal * NEGLIGIBLE
        or pacing.is_cut_short(evidence)
    ):
        return None
    adds_up = dropped == goal - done - cut
    values = {
        "goal": Quantity(goal, "count", "goal"),
        "done": Quantity(done, "count", "iterations"),
        "dropped": Quantity(dropped, "count", "dropped"),
        "cut": Quantity(cut, "count", "interrupted"),
        "limit": pacing.limit(evidence),
    }
    proofs = [Proof(Said("validity.c07_never_started", values), "arithmetic")] if adds_up else []
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.99 if adds_up else 0.8,
        Said("validity.c07_title", values),
        (*proofs, Proof(Said("validity.c07_counts", values), "client"), *_drain(evidence)),
        _action(evidence),
        weight=0.5,
        voids=("dropped_iterations",),
        verdict=Verdict.SUSPECT,
    )


def _drain(evidence: Evidence) -> list[Proof]:
    """Few users at the end are those who had not finished yet when the gauge was read last: none was lost."""
    if evidence.vus is None or not pacing.is_steady(evidence) or evidence.vus[0] >= evidence.vus[2]:
        return []
    last, _, most = evidence.vus
    values = {"last": Quantity(last, "count", "vus.last"), "most": Quantity(most, "count", "vus.max")}
    return [Proof(Said("validity.c07_drain", values), "client")]


def _action(evidence: Evidence) -> Said:
    """How long or how many it would take; nothing of that while everything fails."""
    needs, failed = pacing.needed(evidence), evidence.failed_share or 0.0
    if failed >= FAILING:
        return Said("validity.c07_action_failing", {"failed": Quantity(failed, "share", "failed / requests")})
    if needs is None:
        return Said("validity.c07_action_time")
    return Said("validity.c07_action", {"needed": needs[0], "users": needs[1]})
