"""Users who start together and pause alike march in step: the server gets their requests in bursts.

When they send is in no summary, so this stays a suspicion: it follows from the plan, for as long as answers
don't differ enough to part them.
"""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "C16"
FEW = 10
"""Users below which a burst is none."""
BURST = 10
"""By so many times are more requests in a burst than the server has at a time on average."""
ALIKE = 1.05
"""By how much the slow iterations may be longer than the fastest, for pauses to be all the same."""
APART = 0.25
"""Users whose times spread over this share of a turn no longer come together."""
LASTS = 0.25
"""Share of a user's iterations in which they must be in step."""
SIGMAS = 1.645
"""From a normal distribution's median to its 95th percentile."""


def look(evidence: Evidence) -> Finding | None:
    """From the plan and the spread of answers."""
    waits, turn, steps = pacing.pause(evidence), pacing.turn(evidence), _steps_together(evidence)
    together = pacing.is_steady(evidence) and all(load.together for load in evidence.loads)
    held = evidence.in_flight
    if not together or waits is None or turn is None or steps is None or not held:
        return None
    if evidence.users < max(FEW, BURST * held) or not _is_constant(evidence):
        return None
    each = (evidence.iterations or 0) / evidence.users
    if steps < LASTS * each or (evidence.failed_share or 0.0) > 0.05:
        return None
    values = {
        "users": Quantity(evidence.users, "count", "users"),
        "pause": waits,
        "held": Quantity(held, "plain", "requests / seconds * http_req_duration.avg / 1000"),
    }
    spread = "(http_req_duration.p95 - http_req_duration.med) / 1000 / 1.645"
    lasting = {
        "steps": Quantity(steps, "count", f"(0.25 * ({turn.how}) / ({spread})) ** 2"),
        "each": Quantity(each, "count", "iterations / users"),
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.6,
        Said("validity.c16_title", values),
        (
            Proof(Said("validity.c16_burst", values), "arithmetic"),
            Proof(Said("validity.c16_lasting", lasting), "arithmetic"),
        ),
        Said("validity.c16_action"),
        weight=0.1,
        against=(Said("validity.c16_unseen"),),
        voids=("http_req_duration p(90)", "http_req_duration p(95)"),
    )


def _is_constant(evidence: Evidence) -> bool:
    """Whether all pauses are the same: planned so, or since iterations hardly differ."""
    if all(load.constant_think for load in evidence.loads):
        return True
    whole = evidence.trend("iteration_duration")
    slow = whole.percentiles.get(95.0)
    return whole.min is not None and slow is not None and slow.value <= ALIKE * whole.min.high


def _steps_together(evidence: Evidence) -> float | None:
    """After how many iterations users have drifted apart: each adds what its answer took more or less."""
    duration, turn = evidence.trend("http_req_duration"), pacing.turn(evidence)
    slow = duration.percentiles.get(95.0)
    if duration.med is None or slow is None or turn is None or slow.value <= duration.med.value:
        return None
    spread = (slow.value - duration.med.value) / 1000 / SIGMAS
    return (APART * turn.value / spread) ** 2
