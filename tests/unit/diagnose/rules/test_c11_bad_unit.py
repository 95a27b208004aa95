"""A rate that is drawn as a time; a time stays one, whatever its name."""

from dataclasses import replace

from cases import healthy, trend
from k6_report import CONCERTS, ONE_USER, SCHEDULES, SCHEDULES_200, SEATS, TOKENS

from sonagi.diagnose.rules.validity.c11_bad_unit import look
from sonagi.model.finding import Verdict

CASE = SCHEDULES
COUNTER = replace(SCHEDULES, custom=("waiting_time",))


def test_users_times_the_metric_are_the_rate() -> None:
    finding = look(SCHEDULES)
    assert finding is not None
    assert finding.title.values["metric"] == "tps"
    said = finding.evidence[0].said.values
    assert round(said["product"].value, 2) == 98.57
    assert round(said["rate"].value, 1) == 98.6
    assert finding.verdict is Verdict.VALID


def test_all_runs_of_the_report_have_it_the_one_user_by_its_name_alone() -> None:
    for run in (CONCERTS, SCHEDULES, SCHEDULES_200, SEATS, TOKENS):
        finding = look(run)
        assert finding is not None
        assert finding.confidence == 0.97
    alone = look(ONE_USER)
    assert alone is not None
    assert alone.confidence == 0.7


def test_a_name_that_says_nothing_needs_two_figures_that_agree() -> None:
    base = healthy(custom=("speed",))
    twice = replace(base, trends={**base.trends, "speed": trend(1.1, low=0.99)})
    assert look(twice) is not None
    once = replace(base, trends={**base.trends, "speed": trend(0.5, low=0.99)})
    assert look(once) is None
