"""What so many samples can't tell."""

import pytest
from cases import healthy, trend
from k6_report import ONE_USER

from sonagi.diagnose.rules.validity.c15_few_samples import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Verdict
from sonagi.model.traffic import Goal


def few(samples: int, *goals: Goal) -> Evidence:
    return healthy(
        requests=samples,
        iterations=samples,
        trends={"http_req_duration": trend(10.0, count=samples)},
        goals=goals,
    )


CASE = few(50)
COUNTER = few(400)


def test_the_lowest_percentile_that_is_not_known_is_told_with_what_it_takes() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["percentile"] == "p95"
    assert finding.title.values["needed"].value == 72
    assert finding.verdict is Verdict.VALID
    nearly = look(few(367))
    assert nearly is not None
    assert nearly.title.values["percentile"] == "p99"


def test_a_goal_that_samples_cannot_decide_makes_the_measurement_suspect() -> None:
    finding = look(few(300, Goal("http_req_duration", True, "p(99)<500")))
    assert finding is not None
    assert finding.verdict is Verdict.SUSPECT
    assert finding.title.values["needed"].value == 368
    rare = look(few(3000, Goal("http_req_duration", True, "p(99.9)<500")))
    assert rare is not None
    assert rare.title.values["needed"].value == 3688


def test_a_goal_about_few_of_the_requests_is_judged_by_those() -> None:
    goal = Goal("http_req_duration{name:/pay}", True, "p(95)<500", samples=20)
    finding = look(few(5000, goal))
    assert finding is not None
    assert finding.title.values["samples"].value == 20


@pytest.mark.parametrize(("limit", "found"), [("rate<0.001", True), ("rate<0.01", False)])
def test_no_failure_does_not_yet_mean_fewer_than_the_limit(limit: str, found: bool) -> None:
    finding = look(few(1000, Goal("http_req_failed", True, limit)))
    assert (finding is not None) is found
    if finding is not None:
        assert round(finding.title.values["most"].value, 4) == 0.003
        assert finding.title.values["needed"].value == 3000


def test_a_run_without_a_success_has_no_samples_to_count() -> None:
    assert look(ONE_USER) is None
