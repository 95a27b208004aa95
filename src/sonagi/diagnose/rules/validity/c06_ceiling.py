"""The rate is the test's own: so many users with such pauses make no more, however fast the server is.

A healthy closed run is no finding. It is one where somebody will read the rate as the server's: a goal that
no server could have met, a threshold on a rate, a comparison of numbers of users.
"""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict
from sonagi.model.quantity import Quantity

CAUSE = "C06"
AGREES = 0.02
"""By how much Little's law may miss the number of users: beyond, a ramp, a clock or the accounts are off."""
PACED = 0.8
"""Share of an iteration that is pause, from which on the server hardly has a part in the rate."""


def look(evidence: Evidence) -> Finding | None:
    """Arithmetic only, so it is as good for another tool's summary as for our own run."""
    most, goal = pacing.ceiling(evidence), pacing.goal(evidence)
    if most is None or pacing.is_cut_short(evidence):
        return None
    paced = _is_paced(evidence)
    impossible = goal is not None and goal > most.value and bool(evidence.dropped)
    if not impossible and not (paced and pacing.asks_for_rate(evidence)):
        return None
    values = _values(evidence, most)
    law = [Proof(Said("validity.c06_law", values), "arithmetic")] if paced else []
    bound = [Proof(Said("validity.c06_bound", values), "arithmetic")]
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.99 if impossible else 0.97,
        Said("validity.c06_title_goal" if impossible else "validity.c06_title", values),
        (*bound, *law, *_scaling(evidence)),
        _action(evidence, values, impossible, paced),
        weight=0.5,
        voids=("http_reqs", "iterations"),
        verdict=Verdict.SUSPECT,
    )


def _is_paced(evidence: Evidence) -> bool:
    """Whether number, pauses and answers account for the rate, and the pauses for nearly all of it."""
    users, waits, turn = pacing.paced_users(evidence), pacing.pause(evidence), pacing.turn(evidence)
    if users is None or waits is None or turn is None or not evidence.users:
        return False
    return abs(users.value / evidence.users - 1) <= AGREES and waits.value >= PACED * turn.value


def _values(evidence: Evidence, most: Quantity) -> dict[str, Quantity]:
    """What the sentences say; those of pace and rate only where they are known."""
    known = {
        "users": Quantity(evidence.users, "count", "users"),
        "limit": pacing.limit(evidence),
        "most": most,
        "goal": Quantity(pacing.goal(evidence) or 0, "count", "goal"),
        "pause": pacing.pause(evidence),
        "turn": pacing.turn(evidence),
        "law": pacing.paced_users(evidence),
        "response": _of_average(evidence),
        "rate": _rate(evidence),
    }
    return {name: value for name, value in known.items() if value is not None}


def _of_average(evidence: Evidence) -> Quantity | None:
    response = evidence.trend("http_req_duration").avg
    return None if response is None else Quantity(response.value, "ms", "http_req_duration.avg")


def _rate(evidence: Evidence) -> Quantity | None:
    rate = evidence.rate
    return None if rate is None else Quantity(rate, "per_s", "requests / seconds")


def _scaling(evidence: Evidence) -> list[Proof]:
    """Twice the users, twice the rate: what a test that sets its own rate does."""
    before = evidence.before
    grown = before is not None and pacing.scaled(evidence) and evidence.users > before.users
    if before is None or not grown or not before.rate or evidence.rate is None:
        return []
    values = {
        "users_ratio": Quantity(evidence.users / before.users, "plain", "users / before.users"),
        "rate_ratio": Quantity(
            evidence.rate / before.rate, "plain", "requests / seconds / (before.requests / before.seconds)"
        ),
    }
    return [Proof(Said("validity.c06_scaling", values), "arithmetic")]


def _action(evidence: Evidence, values: dict[str, Quantity], impossible: bool, paced: bool) -> Said:
    needs = pacing.needed(evidence)
    if not impossible or needs is None:
        return Said("validity.c06_action")
    if paced:
        return Said("validity.c06_action_goal", {"needed": needs[0], "users": needs[1]})
    pause = values["pause"]
    least = pause.value * values["goal"].value / values["users"].value
    how = f"({pause.how}) * goal / users"
    return Said("validity.c06_action_least", {"least": Quantity(least, "s", how)})
