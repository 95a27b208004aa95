"""Every number that a finding cites, computed again from the run it is about, by nothing but what `how` says."""

from __future__ import annotations

import ast
import operator
import re
from statistics import fmean, median
from typing import TYPE_CHECKING

from sonagi.model.finding import Diagnosis, Said
from sonagi.model.quantity import Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sonagi.model.evidence import Evidence

TOLERANCE = 0.05
STATISTICS = {
    "min": min,
    "max": max,
    "mean": fmean,
    "median": median,
    "sum": sum,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
}
_OF_A_SIGNAL = re.compile(r"^(\w+)\((.+)\)\[(-?[\d.]+)\.\.(-?[\d.]+)\]$")
_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def check(diagnosis: Diagnosis, evidence: Evidence) -> tuple[int, int]:
    """(right, wrong) of all cited numbers that can be computed from signals and facts."""
    right = wrong = 0
    for quantity in quantities(diagnosis):
        again = recompute(quantity.how, evidence)
        if again is None:
            continue
        close = abs(again - quantity.value) <= max(abs(again) * TOLERANCE, 1.0)
        right, wrong = right + close, wrong + (not close)
    return right, wrong


def quantities(diagnosis: Diagnosis) -> Iterator[Quantity]:
    """All that findings cite."""
    for finding in diagnosis.findings:
        for said in (finding.title, *(proof.said for proof in finding.evidence)):
            yield from _inside(said)


def _inside(said: Said) -> Iterator[Quantity]:
    for value in said.values.values():
        if isinstance(value, Quantity):
            yield value
        elif isinstance(value, Said):
            yield from _inside(value)


def recompute(how: str, evidence: Evidence) -> float | None:
    """The number again; None where `how` speaks of something that is no signal and no fact."""
    of_a_signal = _OF_A_SIGNAL.match(how)
    if of_a_signal and of_a_signal[1] in STATISTICS:
        series = evidence.signals.get(of_a_signal[2])
        if series is None:
            return None
        start, end = float(of_a_signal[3]), float(of_a_signal[4])
        values = [value for at, value in series if start <= at <= end]
        return float(STATISTICS[of_a_signal[1]](values)) if values else None
    try:
        return _computed(ast.parse(how, mode="eval").body, facts(evidence))
    except (SyntaxError, KeyError, TypeError, ZeroDivisionError):
        return None


def facts(evidence: Evidence) -> dict[str, float]:
    """What formulas may name."""
    names = (
        "requests",
        "failed",
        "iterations",
        "interrupted",
        "dropped",
        "seconds",
        "connects",
        "reused",
        "users",
    )
    known = {name: getattr(evidence, name) for name in names}
    known["plan"] = max((load.seconds for load in evidence.loads), default=None)
    known["goal"] = sum(load.goal or 0 for load in evidence.loads) or None
    return {name: float(value) for name, value in known.items() if value is not None}


def _computed(node: ast.expr, known: dict[str, float]) -> float:
    if isinstance(node, ast.BinOp):
        return float(_OPERATORS[type(node.op)](_computed(node.left, known), _computed(node.right, known)))
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return known[node.id]
    raise TypeError(node)
