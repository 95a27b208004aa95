"""How diagnoses are scored: known ones against known labels."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import recompute
from cases import healthy
from label import Label
from scoring import calibration, evidence_right, f1, false_alarms, score, top1

from sonagi.model.finding import Diagnosis, Finding, Proof, Role, Said
from sonagi.model.quantity import Quantity

LABEL = Label("S09", accepted=frozenset({"S10"}), symptoms=frozenset({"S07"}), forbidden=frozenset({"C01"}))


def finding(cause: str, role: Role = Role.ROOT, confidence: float = 0.8, weight: float = 1.0) -> Finding:
    return Finding(cause, role, confidence, Said("x"), (), Said("x"), weight=weight)


def scored(label: Label, *findings: Finding):
    return score("G08", 1, "C", label, Diagnosis(findings), (0, 0))


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((finding("S09"), finding("S07", Role.SYMPTOM)), 1.0),
        ((finding("S10"),), 0.5),
        ((finding("S07"), finding("S09")), 0.3),
        ((finding("S01"),), 0.0),
        ((finding("C15", Role.VALIDITY, weight=0.1), finding("S09")), 1.0),
        ((), 0.0),
    ],
)
def test_the_leading_cause_earns_what_it_is_worth(findings: tuple[Finding, ...], expected: float) -> None:
    assert scored(LABEL, *findings).top1 == expected


def test_a_healthy_run_is_right_when_nothing_is_claimed() -> None:
    assert scored(Label("")).top1 == 1.0
    assert scored(Label(""), finding("S01", confidence=0.3)).top1 == 1.0
    wrong = scored(Label(""), finding("S01"))
    assert (wrong.top1, wrong.false_alarm) == (0.0, True)


def test_a_forbidden_claim_counts_as_two_false_ones() -> None:
    assert scored(LABEL, finding("C01")).false == 2
    assert scored(LABEL, finding("S22")).false == 1
    assert scored(LABEL, finding("S22", confidence=0.4)).false == 0


def test_f1_weighs_what_was_found_against_what_was_missed_and_invented() -> None:
    assert f1([scored(LABEL, finding("S09"))]) == 1.0
    assert f1([scored(LABEL, finding("S09"), finding("S22"))]) == pytest.approx(2 / 3)
    assert f1([scored(LABEL)]) == 0.0


def test_confidence_that_keeps_its_promise_has_no_calibration_error() -> None:
    right = [scored(LABEL, finding("S09", confidence=0.8)) for _ in range(8)]
    wrong = [scored(LABEL, finding("S22", confidence=0.8)) for _ in range(2)]
    assert calibration([*right, *wrong])[1] == pytest.approx(0.0, abs=1e-9)
    assert calibration(wrong)[1] == pytest.approx(0.8)


def test_the_interval_holds_the_mean() -> None:
    mean, low, high = top1([scored(LABEL, finding("S09"))] * 9 + [scored(LABEL)])
    assert low < mean < high
    assert mean == pytest.approx(0.9)


def test_numbers_are_computed_again_from_what_they_say_of_themselves() -> None:
    evidence = healthy(failed=59)
    assert recompute.recompute("max(process.rss)[1..7]", evidence) == 100e6
    assert recompute.recompute("failed / requests", evidence) == pytest.approx(59 / 5940)
    for words in ("a guess", "__import__('os')", ""):
        with pytest.raises((SyntaxError, NameError)):
            recompute.recompute(words, evidence)


def test_a_wrong_number_is_counted() -> None:
    said = Said(
        "x", {"rss": Quantity(1e9, "B", "max(process.rss)[1..7]"), "n": Quantity(5940, "count", "requests")}
    )
    cited = Finding("S03", Role.ROOT, 0.9, Said("x"), (Proof(said, "process"),), Said("x"))
    assert recompute.check(Diagnosis((cited,)), healthy()) == (1, 1)
    one = score("G04", 1, "C", LABEL, Diagnosis((cited,)), (1, 1))
    assert evidence_right([one]) == 0.5


def test_false_alarms_are_counted_over_healthy_runs() -> None:
    quiet = score("G01", 1, "C", Label(""), Diagnosis(), (0, 0))
    loud = score("G02", 1, "C", Label(""), Diagnosis((finding("S01"),)), (0, 0))
    assert false_alarms([quiet, loud, scored(LABEL, finding("S09"))]) == (1, 2)
