"""Findings put in order: what voids the run, what is at the root, what follows from it, what is too close
to call."""

from collections.abc import Iterable
from dataclasses import replace

from sonagi.diagnose.rules import RULES
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Diagnosis, Finding, Role, Verdict, consequences

LEAST = 0.2
"""What is less likely is not said."""
SURE = 0.5
"""From here on a cause is claimed."""
MOSTLY = 0.5
"""Share of what went wrong from which on a cause explains the run."""
INVALID_CAP = 0.3
"""Most that a finding about the server may claim when the measurement is not to be believed."""
TOO_CLOSE = 0.15
"""Two causes whose confidence differs by less cannot be told apart."""
SLACK = 2.0
"""Seconds by which a cause may seem to begin after its consequence: each is seen once a second."""

_SEVERITY = {Verdict.VALID: 0, Verdict.SUSPECT: 1, Verdict.INVALID: 2}
_ORDER = {Role.ROOT: 0, Role.CONTRIBUTING: 1, Role.SYMPTOM: 2, Role.VALIDITY: 1}


def diagnose(evidence: Evidence) -> Diagnosis:
    """Ask every rule, and put in order what they found."""
    return arrange(finding for rule in RULES if (finding := rule(evidence)) is not None)


def arrange(found: Iterable[Finding]) -> Diagnosis:
    """The causal order of findings, and the verdict that they make."""
    findings = [finding for finding in found if finding.confidence >= LEAST]
    sure = [finding for finding in findings if finding.confidence >= SURE]
    verdict = max((finding.verdict for finding in sure), key=_SEVERITY.__getitem__, default=Verdict.VALID)
    reasons = tuple(finding.cause for finding in sure if finding.verdict is not Verdict.VALID)
    if verdict is Verdict.INVALID:
        findings = [_doubted(finding) for finding in findings]
    findings = [_placed(finding, findings) for finding in findings if finding.confidence >= LEAST]
    findings.sort(key=_rank, reverse=True)
    return Diagnosis(tuple(findings), verdict, reasons, _undecided(findings))


def _doubted(finding: Finding) -> Finding:
    if finding.role is Role.VALIDITY:
        return finding
    return replace(finding, confidence=min(finding.confidence, INVALID_CAP))


def _placed(finding: Finding, among: list[Finding]) -> Finding:
    """A symptom, where the cause that explains it was found too and began no later."""
    if finding.role is Role.ROOT and any(_explains(other, finding, among) for other in among):
        return replace(finding, role=Role.SYMPTOM)
    return finding


def _explains(cause: Finding, effect: Finding, among: list[Finding]) -> bool:
    if cause.role is not Role.ROOT or effect.cause not in consequences(cause, among):
        return False
    if cause.confidence < max(effect.confidence - 0.5, LEAST):
        return False
    return cause.onset is None or effect.onset is None or cause.onset <= effect.onset + SLACK


def _rank(finding: Finding) -> tuple[bool, bool, float, float]:
    """What voids everything comes first, then what is at the root of most that went wrong, then by how much
    is explained how surely."""
    sure = finding.confidence >= SURE
    voids_all = sure and finding.verdict is Verdict.INVALID
    at_the_root = sure and finding.role is Role.ROOT and finding.weight >= MOSTLY
    explained = finding.confidence * (0.1 + 0.9 * finding.weight)
    return (voids_all, at_the_root, explained - 0.3 * _ORDER[finding.role], finding.confidence)


def _undecided(findings: list[Finding]) -> tuple[str, ...]:
    """The leading causes, when more than one explains the same about as well."""
    roots = [finding for finding in findings if finding.role is Role.ROOT and finding.confidence >= 0.35]
    if len(roots) < 2:
        return ()
    first = roots[0]
    rivals = {rival.cause for rival in first.rivals}
    close = [
        other.cause
        for other in roots[1:]
        if abs(first.confidence - other.confidence) < TOO_CLOSE
        and (other.cause in rivals or first.cause in {rival.cause for rival in other.rivals})
    ]
    return (first.cause, *close) if close else ()
