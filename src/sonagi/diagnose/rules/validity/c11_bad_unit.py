"""A metric of the script's own that is shown as a time and is none: its "milliseconds" are a rate.

Each k6 user has a script of its own that counts its own requests, so the whole rate is the value times users.
"""

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import Trend

CAUSE = "C11"
AGREES = 0.03
"""How close a value must come to the rate."""
LEAST_RATE = 0.5
"""Requests a second, so that a match is no chance."""


def look(evidence: Evidence) -> Finding | None:
    """The metric whose values agree with the rate best, or whose name says that it is one."""
    found = [one for name in evidence.custom if (one := _of(evidence, name)) is not None]
    return max(found, key=lambda one: one.confidence, default=None)


def _of(evidence: Evidence, name: str) -> Finding | None:
    named = pacing.CALLED_RATE.search(name) is not None
    matches = _matches(evidence, name)
    # A time may happen to agree once; two statistics don't.
    if not named and len(matches) < 2:
        return None
    shown = _shown(evidence.trend(name))
    if not shown or evidence.rate is None:
        return None
    statistic, value = matches[0] if matches else next(iter(shown.items()))
    plain = f"{name}.{statistic}"
    users = evidence.users
    values = {
        "metric": name,
        "statistic": statistic,
        "shown": Quantity(value, "ms", plain),
        "users": Quantity(users, "count", "users"),
        "product": Quantity(value * users, "per_s", f"{plain} * users"),
        "rate": Quantity(evidence.rate, "per_s", "requests / seconds"),
    }
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.97 if named and matches else 0.85 if matches else 0.7,
        Said("validity.c11_title", values),
        (
            Proof(Said("validity.c11_product", values), "arithmetic")
            if matches
            else Proof(Said("validity.c11_named", values), "client"),
        ),
        Said("validity.c11_action", values),
        weight=0.1,
        voids=(name,),
    )


def _matches(evidence: Evidence, name: str) -> list[tuple[str, float]]:
    """Statistics of the metric that are the rate of one user, closest first."""
    if not evidence.rate or evidence.rate < LEAST_RATE or not evidence.users:
        return []
    each = evidence.rate / evidence.users
    off = [
        (abs(value / each - 1), statistic, value) for statistic, value in _shown(evidence.trend(name)).items()
    ]
    return [(statistic, value) for miss, statistic, value in sorted(off) if miss <= AGREES]


def _shown(trend: Trend) -> dict[str, float]:
    known = {"med": trend.med, "min": trend.min, "avg": trend.avg}
    return {name: reading.value for name, reading in known.items() if reading is not None}
