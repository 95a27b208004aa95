"""Each URL is a name of its own: what grows is the load generator's memory, and no row says anything."""

from sonagi.diagnose.rules.validity.series_warning import series_each, warned
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding, Proof, Role, Said
from sonagi.model.quantity import Quantity

CAUSE = "C12"
MANY = 500
"""Different names that nobody reads."""
MOSTLY = 0.1
"""Names a request from which on names follow requests and not what was tested."""


def look(evidence: Evidence) -> Finding | None:
    """Another tool's warning, or our own count of names."""
    told = warned(evidence)
    return _warned(evidence, told) if told else _counted(evidence)


def _warned(evidence: Evidence, told: list[tuple[float, int]]) -> Finding:
    each, (at, most) = series_each(evidence), told[-1]
    values = {"series": Quantity(most, "count", "max(warnings.series)")}
    proofs = [Proof(Said("validity.c12_warned", values), "generator", at)]
    if each is not None:
        proofs.insert(0, Proof(Said("validity.c12_nine", {"each": each}), "arithmetic"))
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.97 if each is not None else 0.85,
        Said("validity.c12_title_warning", values),
        tuple(proofs),
        Said("validity.c12_action_k6"),
        weight=0.1,
        onset=told[0][0],
    )


def _counted(evidence: Evidence) -> Finding | None:
    names, requests = evidence.names or 0, evidence.requests or 0
    follows = names >= MANY and names >= MOSTLY * requests
    if not evidence.series_capped and not follows:
        return None
    values = {
        "names": Quantity(names, "count", "names"),
        "requests": Quantity(requests, "count", "requests"),
    }
    proofs = [Proof(Said("validity.c12_names", values), "generator")]
    if evidence.series_capped:
        proofs.append(Proof(Said("validity.c12_capped"), "generator"))
    return Finding(
        CAUSE,
        Role.VALIDITY,
        0.97 if evidence.series_capped else 0.85,
        Said("validity.c12_title", values),
        tuple(proofs),
        Said("validity.c12_action"),
        weight=0.1,
    )
