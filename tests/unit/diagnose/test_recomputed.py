"""Each number of a finding about the test says how anybody can compute it again, and that gives the same."""

import importlib
import pkgutil
from collections.abc import Iterator

import k6_report
import pytest
from recomputed import recompute

from sonagi.diagnose.rules import validity
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding
from sonagi.model.quantity import Quantity

# Counts of parts of the evidence that a rule has chosen: there is no formula to them.
CHOSEN = (
    "answers.",
    "bodies.",
    "check.",
    "checks.",
    "endpoint.",
    "failures.count",
    "http_req_connecting.min >",
)
CHOSEN += (
    "len(warnings)",
    "max(blocked",
    "max(bodies",
    "max(exceptions",
    "max(warnings",
    "sum(bodies",
    "sum(exceptions",
)
REPORT = ("CONCERTS", "ONE_USER", "SCHEDULES", "SCHEDULES_200", "SEATS", "TOKENS")


def cases() -> Iterator[object]:
    for module in pkgutil.iter_modules(validity.__path__):
        rule = importlib.import_module(f"{validity.__name__}.{module.name}")
        if hasattr(rule, "CAUSE"):
            own = importlib.import_module(f"rules.test_{module.name}")
            yield pytest.param(rule.look(own.CASE), own.CASE, id=rule.CAUSE)
    for name in REPORT:
        run = getattr(k6_report, name)
        for look in validity.RULES:
            if (found := look(run)) is not None:
                yield pytest.param(found, run, id=f"{name} {found.cause}")


def numbers(finding: Finding) -> list[Quantity]:
    said = [finding.title, finding.action, *(proof.said for proof in finding.evidence)]
    return [value for one in said for value in one.values.values() if isinstance(value, Quantity)]


@pytest.mark.parametrize(("finding", "evidence"), list(cases()))
def test_a_number_comes_out_again(finding: Finding, evidence: Evidence) -> None:
    for number in numbers(finding):
        if not number.how.startswith(CHOSEN):
            again = recompute(number.how, evidence)
            assert again == pytest.approx(number.value, rel=0.05, abs=1e-9), number.how
