"""Each number of a finding says how anybody can compute it again, and that gives the same."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace

import k6_report
import pytest
from cases import healthy, per_second
from failed import failing, failures, line
from recomputed import TOLD, quantities, recompute

from sonagi.diagnose.rules import failures as failing_rules
from sonagi.diagnose.rules import server, validity
from sonagi.diagnose.rules.failures import s28_not_listening
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding
from sonagi.model.traffic import FailureKind

REPORT = ("CONCERTS", "ONE_USER", "SCHEDULES", "SCHEDULES_200", "SEATS", "TOKENS")


def cases() -> Iterator[object]:
    for package in (validity, failing_rules, server):
        for module in pkgutil.iter_modules(package.__path__):
            rule = importlib.import_module(f"{package.__name__}.{module.name}")
            if hasattr(rule, "CAUSE"):
                own = importlib.import_module(f"rules.test_{module.name}")
                yield pytest.param(rule.look(own.CASE), own.CASE, id=rule.CAUSE)
    for name in REPORT:
        run = getattr(k6_report, name)
        for look in validity.RULES:
            if (found := look(run)) is not None:
                yield pytest.param(found, run, id=f"{name} {found.cause}")


@pytest.mark.parametrize(("finding", "evidence"), list(cases()))
def test_a_number_comes_out_again(finding: Finding, evidence: Evidence) -> None:
    for number in quantities(finding):
        if not number.how.startswith(TOLD):
            again = recompute(number.how, evidence)
            assert again == pytest.approx(number.value, rel=0.01, abs=1e-9), number.how


def test_what_the_run_before_left_in_the_log_comes_out_again() -> None:
    died = replace(healthy(), log=(line("jvm", 3, "OutOfMemoryError"), line("oom", 1, "Killed process")))
    refused = failures(FailureKind.REFUSED, per_second(lambda _: 99))
    evidence = failing(refused, before=died)
    finding = s28_not_listening.look(evidence)
    assert finding is not None
    (count,) = [one for one in quantities(finding) if "before" in one.how]
    assert recompute(count.how, evidence) == count.value == 4
