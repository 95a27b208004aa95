"""A rate that pauses make is no limit of the server's, and only told where somebody will read it so."""

from dataclasses import replace

from cases import healthy
from k6_report import CONCERTS, ONE_USER, SCHEDULES, SCHEDULES_200, SEATS, TOKENS

from sonagi.diagnose.rules.validity.c06_ceiling import look
from sonagi.model.evidence import PlannedLoad
from sonagi.model.finding import Verdict
from sonagi.model.traffic import Goal

CASE = SCHEDULES
COUNTER = healthy()


def keys(finding: object) -> list[str]:
    return [proof.said.key for proof in finding.evidence]  # type: ignore[attr-defined]


def test_a_goal_that_no_server_could_meet_needs_so_much_time_or_so_many_users() -> None:
    finding = look(SCHEDULES)
    assert finding is not None
    assert finding.confidence == 0.99
    assert finding.verdict is Verdict.SUSPECT
    assert finding.title.values["most"].value == 60_000
    assert round(finding.action.values["needed"].value) == 1011  # 16m 51s
    assert finding.action.values["users"].value == 169


def test_all_runs_of_the_report_asked_for_too_much_but_the_one_with_one_iteration() -> None:
    for run in (CONCERTS, SCHEDULES, SCHEDULES_200, SEATS, TOKENS):
        found = look(run)
        assert found is not None
        assert found.title.key == "validity.c06_title_goal"
    assert look(ONE_USER) is None


def test_where_answers_failed_the_rate_is_not_the_pauses() -> None:
    finding = look(CONCERTS)
    assert finding is not None
    assert "validity.c06_law" not in keys(finding)
    assert finding.action.values["least"].value == 1000


def test_twice_the_users_that_make_twice_the_rate_are_the_tests_own_scaling() -> None:
    finding = look(SCHEDULES_200)
    assert finding is not None
    scaling = next(proof.said for proof in finding.evidence if proof.said.key == "validity.c06_scaling")
    assert scaling.values["users_ratio"].value == 2
    assert round(scaling.values["rate_ratio"].value, 2) == 2.01


def test_a_threshold_on_the_rate_of_a_closed_model_is_told() -> None:
    finding = look(healthy(goals=(Goal("http_reqs", True, "rate>90"),)))
    assert finding is not None
    assert finding.title.key == "validity.c06_title"
    assert look(healthy(goals=(Goal("http_req_duration", True, "p(95)<500"),))) is None


def test_a_server_that_sets_the_pace_itself_is_no_such_case() -> None:
    from cases import trend

    slow = {"http_req_duration": trend(900.0), "iteration_duration": trend(1900.0)}
    slow_run = healthy(
        trends=slow, iterations=3158, requests=3158, goals=(Goal("http_reqs", True, "rate>90"),)
    )
    assert look(slow_run) is None


def test_an_open_model_and_a_run_that_was_stopped_are_no_such_case() -> None:
    load = PlannedLoad("open", "constant-arrival-rate", 100, 600.0, rate=99.0)
    assert look(replace(SCHEDULES, loads=(load,))) is None
    assert look(replace(SCHEDULES, seconds=30.0)) is None
