"""The time was over before the iterations were: those left are "dropped", and no server dropped them.

dropped = goal − done − interrupted, exactly (k6, lib/executor/per_vu_iterations.go): they were never started.
"""

from math import ceil

from sonagi.diagnose.arithmetic import iteration_time
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity

CAUSE = "C07"
NEGLIGIBLE = 0.01
"""Share of the goal that may be missing without anything to say."""


def look(evidence: Evidence) -> Finding | None:
    """Only iterations that were planned by number can be left over."""
    goals = [load.goal for load in evidence.loads]
    goal = sum(goal for goal in goals if goal is not None)
    done, dropped, cut = evidence.iterations, evidence.dropped, evidence.interrupted or 0
    if not goal or None in goals or done is None or not dropped or dropped < goal * NEGLIGIBLE:
        return None
    load = max(evidence.loads, key=lambda one: one.goal or 0)
    adds_up = dropped == goal - done - cut
    each = iteration_time(load.seconds, done / max(evidence.users, 1))[0]
    needed = each * goal / max(evidence.users, 1)
    values = {
        "goal": Quantity(goal, "count", "goal"),
        "done": Quantity(done, "count", "iterations"),
        "dropped": Quantity(dropped, "count", "dropped"),
        "cut": Quantity(cut, "count", "interrupted"),
        "limit": Quantity(load.seconds, "s", "plan"),
        "needed": Quantity(needed, "s", "plan / (iterations / users) * goal / users"),
        "users": Quantity(ceil(evidence.users * needed / load.seconds), "count", "users * needed / plan"),
    }
    proofs = [Proof(Said("validity.c07_never_started", values), "arithmetic")] if adds_up else []
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.99 if adds_up else 0.8,
        Said("validity.c07_title", values),
        (*proofs, Proof(Said("validity.c07_counts", values), "client")),
        Said("validity.c07_action", values),
        weight=0.5,
        voids=("dropped_iterations",),
        verdict=Verdict.SUSPECT,
    )
