"""The generator ran out of file descriptors: it could open no further connection."""

import re

from sonagi.diagnose.rules.validity.local import Limit, met
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict

CAUSE = "C03"
DESCRIPTORS = Limit(
    # EMFILE of the process and ENFILE of the system are 24 and 23 everywhere but on Windows.
    frozenset({24, 23, 10024}),
    re.compile("too many open files|EMFILE|ENFILE", re.IGNORECASE),
    "generator.fds",
    "generator.fd_limit",
)


def look(evidence: Evidence) -> Finding | None:
    """Errors of the own system are certain; descriptors that nearly ran out are a remark."""
    descriptors = met(evidence, DESCRIPTORS)
    if descriptors is None:
        return None
    usage = descriptors.usage("validity.c03_used")
    action = Said("validity.c03_action")
    if not descriptors.count.value:
        values = usage[0].said.values
        return Finding(
            CAUSE, Role.VALIDITY, 0.7, Said("validity.c03_close", values), tuple(usage), action, weight=0.1
        )
    values = {"count": descriptors.count}
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.98,
        Said("validity.c03_title", values),
        (Proof(Said("validity.c03_errors", values), "generator", descriptors.first_at), *usage),
        action,
        weight=min(descriptors.share, 1.0),
        onset=descriptors.first_at,
        voids=("http_req_failed", "http_reqs"),
        verdict=descriptors.verdict if descriptors.share >= 0.001 else Verdict.VALID,
    )
