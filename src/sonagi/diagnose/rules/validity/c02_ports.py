"""The generator's machine had no port left for another connection: those requests never left it."""

import re

from sonagi.diagnose.rules.validity.local import Limit, met
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said, Verdict

CAUSE = "C02"
PORTS = Limit(
    # EADDRNOTAVAIL is 99 on Linux, 49 on macOS and the BSDs, 10049 on Windows.
    frozenset({99, 49, 10049}),
    re.compile("cannot assign requested address|can't assign requested address|EADDRNOTAVAIL", re.IGNORECASE),
    "generator.ports",
    "generator.port_limit",
)


def look(evidence: Evidence) -> Finding | None:
    """Errors of the own system are certain; ports that nearly ran out are a remark."""
    ports = met(evidence, PORTS)
    if ports is None:
        return None
    usage = ports.usage("validity.c02_used")
    action = Said("validity.c02_action")
    if not ports.count.value:
        values = usage[0].said.values
        return Finding(
            CAUSE, Role.VALIDITY, 0.7, Said("validity.c02_close", values), tuple(usage), action, weight=0.1
        )
    values = {"count": ports.count}
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.98,
        Said("validity.c02_title", values),
        (Proof(Said("validity.c02_errors", values), "generator", ports.first_at), *usage),
        action,
        weight=min(ports.share, 1.0),
        onset=ports.first_at,
        voids=("http_req_failed", "http_reqs"),
        verdict=ports.verdict if ports.share >= 0.001 else Verdict.VALID,
    )
