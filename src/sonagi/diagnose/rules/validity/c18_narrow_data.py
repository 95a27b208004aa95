"""So few different values that caches and hot rows answer: production's users ask for more."""

from math import prod

from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "C18"
FEW = 100
"""Different values that any cache holds."""
OFTEN = 50
"""Requests a value from which on nearly all of them are repetitions."""
MANY = 1000
"""Answers that would differ somewhere if they were about different things."""


def look(evidence: Evidence) -> Finding | None:
    """What the script draws from, else answers that are all one."""
    return _drawn(evidence) or _one_answer(evidence)


def _drawn(evidence: Evidence) -> Finding | None:
    keys, requests = evidence.script.keys, evidence.requests or 0
    different = prod(keys.values()) if keys else 0
    if not 0 < different <= FEW or requests < OFTEN * different:
        return None
    product = " * ".join(f"keys.{name}" for name in sorted(keys))
    values = {
        "keys": ", ".join(sorted(keys)),
        "different": Quantity(different, "count", product),
        "requests": Quantity(requests, "count", "requests"),
        "each": Quantity(requests / different, "count", f"requests / ({product})"),
    }
    return _finding(0.6, Said("validity.c18_title", values), Said("validity.c18_drawn", values), "script")


def _one_answer(evidence: Evidence) -> Finding | None:
    """A request that is named after an id, and whose answers are the same to the byte."""
    for answers in evidence.answers:
        least, most = answers.sizes.min, answers.sizes.max
        same = answers.kinds == 1 and least is not None and most is not None and least.value == most.value
        if not same or "{" not in answers.name or answers.count < MANY or not 200 <= answers.status < 300:
            continue
        what = f"answers[{answers.title} {answers.status}]"
        values = {
            "request": answers.title,
            "count": Quantity(answers.count, "count", f"{what}.count"),
            "bytes": Quantity(most.value if most else 0.0, "B", f"{what}.sizes.max"),
        }
        return _finding(
            0.4, Said("validity.c18_title_one", values), Said("validity.c18_one", values), "client"
        )
    return None


def _finding(sure: float, title: Said, proof: Said, source: str) -> Finding:
    return Finding(
        CAUSE,
        Role.VALIDITY,
        sure,
        title,
        (Proof(proof, source),),
        Said("validity.c18_action"),
        weight=0.1,
    )
