"""Slow at first, under the same load."""

from dataclasses import replace
from math import exp

import pytest
import reported
from cases import constant, healthy, per_second

from sonagi.diagnose.rules.failures.s22_cold_start import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Role

DECAY = per_second(lambda second: 9 + 300 * exp(-second / 3) + second % 3)

CASE = healthy(signals={"load.p50": DECAY})
# A burst at first makes answers slow without any warm-up.
COUNTER = healthy(
    signals={"load.p50": DECAY, "load.requests": per_second(lambda second: 900 if second <= 15 else 60)}
)


def test_a_start_that_decays_is_told_with_its_length_and_share() -> None:
    finding = look(CASE)
    assert finding is not None
    assert 5 <= finding.title.values["until"].value <= 20
    assert finding.title.values["first"].value > 200
    assert finding.title.values["steady"].value == pytest.approx(10, abs=1)
    assert finding.role is Role.ROOT


def test_one_slow_second_is_a_remark_and_not_what_is_wrong_with_the_run() -> None:
    once = healthy(
        signals={
            "load.p50": per_second(lambda second: 200 if second == 1 else 9 + second % 2, 600),
            "load.requests": constant(99, 600),
        }
    )
    finding = look(once)
    assert finding is not None
    assert finding.role is Role.CONTRIBUTING
    assert finding.weight < 0.05


def test_times_that_only_grow_or_hardly_change_are_no_cold_start() -> None:
    assert look(healthy(signals={"load.p50": per_second(lambda second: 10 + second)})) is None
    assert look(healthy(signals={"load.p50": per_second(lambda second: 12 if second < 10 else 10)})) is None


@pytest.mark.parametrize(("run", "quickest"), [(reported.TOKENS, 391), (reported.SEATS, 303)])
def test_a_rate_that_each_user_counts_alone_tells_how_long_the_first_answer_took(
    run: Evidence, quickest: float
) -> None:
    finding = look(run)
    assert finding is not None
    assert round(finding.title.values["quickest"].value) == quickest
    assert finding.confidence <= 0.65
    assert finding.role is Role.CONTRIBUTING


@pytest.mark.parametrize(
    "run", [reported.UNPAGED, reported.ONE_USER, reported.SCHEDULES, reported.TWO_HUNDRED]
)
def test_a_maximum_alone_has_no_cause(run: Evidence) -> None:
    assert look(run) is None
    assert look(replace(reported.TOKENS, custom=())) is None
