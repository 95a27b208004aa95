"""How good a diagnosis is: Top-1, precision and recall, calibration, false alarms. Pure.

The weights follow the rules in docs/gauntlet.md; a symptom that is named as the root earns 0.3, a wrong number
voids its finding, and a forbidden finding counts as two false ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from sonagi.diagnose.intervals import wilson
from sonagi.model.finding import Diagnosis, Finding, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from label import Label

SURE = 0.5
"""From here on a finding is a claim."""


@dataclass(frozen=True)
class Score:
    """One run, one tier. `claims` are (confidence, was right) of all its findings."""

    scenario: str
    seed: int
    tier: str
    top1: float
    top3: float
    found: int
    missed: int
    false: int
    evidence_right: int
    evidence_wrong: int
    claims: tuple[tuple[float, bool], ...]
    healthy: bool
    false_alarm: bool
    leading: str


def score(
    scenario: str, seed: int, tier: str, label: Label, diagnosis: Diagnosis, evidence: tuple[int, int]
) -> Score:
    """`evidence`: how many cited numbers were found right and wrong when they were computed again."""
    leading = _leading(diagnosis)
    sure = [finding for finding in diagnosis.findings if finding.confidence >= SURE]
    right = {label.primary, *label.equal, *label.accepted, *label.contributing, *label.symptoms} - {""}
    false = sum(
        2 if finding.cause in label.forbidden else 1
        for finding in sure
        if finding.cause not in right and not _is_remark(finding)
    )
    found = sum(1 for finding in sure if finding.cause in right)
    wanted = {label.primary} - {""}
    missed = len(wanted - {finding.cause for finding in sure})
    return Score(
        scenario,
        seed,
        tier,
        _credit(leading, label),
        max((_credit(one, label) for one in _ranked(diagnosis)[:3]), default=_credit(None, label)),
        found,
        missed,
        false,
        *evidence,
        tuple((one.confidence, one.cause in right) for one in diagnosis.findings if not _is_remark(one)),
        not label.primary,
        not label.primary and leading is not None and leading.confidence >= SURE,
        leading.cause if leading else "",
    )


def _ranked(diagnosis: Diagnosis) -> list[Finding]:
    """What the diagnosis leads with: root causes, and what makes the measurement void or doubtful."""
    return [
        finding
        for finding in diagnosis.findings
        if finding.role is not Role.SYMPTOM and not _is_remark(finding)
    ]


def _leading(diagnosis: Diagnosis) -> Finding | None:
    return next(iter(_ranked(diagnosis)), None)


def _is_remark(finding: Finding) -> bool:
    """Something to know, that claims nothing to be wrong with the server or the run."""
    return finding.role is Role.VALIDITY and finding.weight <= 0.2


def _credit(leading: Finding | None, label: Label) -> float:
    if not label.primary:
        return 0.0 if leading is not None and leading.confidence >= SURE else 1.0
    if leading is None:
        return 0.0
    if leading.cause == label.primary or leading.cause in label.equal:
        return 1.0
    if leading.cause in label.accepted:
        return 0.5
    return 0.3 if leading.cause in label.symptoms else 0.0


def top1(scores: Sequence[Score]) -> tuple[float, float, float]:
    """Mean, and a 95 % interval as if each run were its own scenario (Wilson); it is wider in truth."""
    mean = fmean(one.top1 for one in scores)
    low, high = wilson(round(mean * len(scores)), len(scores))
    return mean, low, high


def f1(scores: Iterable[Score]) -> float:
    """Over all findings that are claims."""
    scores = list(scores)
    found, missed, false = (
        sum(getattr(one, name) for one in scores) for name in ("found", "missed", "false")
    )
    return 2 * found / (2 * found + missed + false) if found else 0.0


def calibration(scores: Iterable[Score], bins: int = 10) -> tuple[float, float]:
    """(Brier score, expected calibration error) over all findings."""
    claims = [claim for one in scores for claim in one.claims]
    if not claims:
        return 0.0, 0.0
    brier = fmean((confidence - right) ** 2 for confidence, right in claims)
    error = 0.0
    for place in range(bins):
        inside = [claim for claim in claims if place == min(int(claim[0] * bins), bins - 1)]
        if inside:
            gap = abs(fmean(claim[0] for claim in inside) - fmean(float(claim[1]) for claim in inside))
            error += gap * len(inside) / len(claims)
    return brier, error


def evidence_right(scores: Iterable[Score]) -> float:
    """Share of cited numbers that came out the same when they were computed again."""
    scores = list(scores)
    right, wrong = sum(one.evidence_right for one in scores), sum(one.evidence_wrong for one in scores)
    return right / (right + wrong) if right + wrong else 1.0


def false_alarms(scores: Iterable[Score]) -> tuple[int, int]:
    """(healthy runs with a root cause at 0.5 or more, healthy runs)"""
    healthy = [one for one in scores if one.healthy]
    return sum(one.false_alarm for one in healthy), len(healthy)
