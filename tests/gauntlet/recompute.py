"""Every number that a finding cites, computed again from the run it is about, by nothing but what it says of itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.append(str(Path(__file__).resolve().parent.parent / "unit/diagnose"))

from recomputed import TOLD, quantities, recompute

if TYPE_CHECKING:
    from sonagi.model.evidence import Evidence
    from sonagi.model.finding import Diagnosis

TOLERANCE = 0.05
"""Of the number, or 1: those that are shown are rounded."""


def check(diagnosis: Diagnosis, evidence: Evidence) -> tuple[int, int]:
    """(right, wrong) of all cited numbers; one that cannot be computed again is wrong."""
    right = wrong = 0
    for finding in diagnosis.findings:
        for quantity in quantities(finding):
            if quantity.how.startswith(TOLD):
                continue
            again = _again(quantity.how, evidence)
            close = again is not None and abs(again - quantity.value) <= max(abs(again) * TOLERANCE, 1.0)
            right, wrong = right + close, wrong + (not close)
    return right, wrong


def _again(how: str, evidence: Evidence) -> float | None:
    try:
        return recompute(how, evidence)
    except Exception:  # noqa: BLE001 (whatever it is, the number says nothing of itself that holds)
        return None
