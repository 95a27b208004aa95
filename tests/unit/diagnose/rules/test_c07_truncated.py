"""Iterations that were never started are the plan's, not the server's."""

from dataclasses import replace

from cases import healthy
from k6_report import CONCERTS, SCHEDULES, TOKENS

from sonagi.diagnose.rules.validity.c07_truncated import look
from sonagi.model.evidence import PlannedLoad

REPORTED = PlannedLoad("concert_scenario", "per-vu-iterations", 100, 600.0, 1000)

CASE = healthy(loads=(REPORTED,), seconds=602.4, iterations=59_400, dropped=40_600, requests=59_400)
COUNTER = healthy(loads=(REPORTED,), seconds=602.4, iterations=100_000, dropped=0, requests=100_000)


def test_the_time_that_the_goal_would_take_is_told() -> None:
    finding = look(CASE)
    assert finding is not None
    assert round(finding.action.values["needed"].value) == 1010
    assert finding.action.values["users"].value == 169
    assert finding.confidence == 0.99


def test_a_summary_that_shows_hundredths_of_seconds_is_read_by_how_many_fitted_in() -> None:
    for run, seconds, users in ((SCHEDULES, 1011, 169), (TOKENS, 1014, 170)):
        finding = look(run)
        assert finding is not None
        assert round(finding.action.values["needed"].value) == seconds
        assert finding.action.values["users"].value == users


def test_dropped_iterations_that_do_not_add_up_are_told_with_less_confidence() -> None:
    finding = look(replace(CASE, iterations=59_000))
    assert finding is not None
    assert finding.confidence < 0.9


def test_users_left_at_the_end_are_the_drains_and_a_longer_run_is_no_advice_while_all_fails() -> None:
    finding = look(CONCERTS)
    assert finding is not None
    drain = finding.evidence[-1].said
    assert drain.key == "validity.c07_drain"
    assert (drain.values["last"].value, drain.values["most"].value) == (2, 100)
    assert finding.action.key == "validity.c07_action_failing"


def test_a_run_that_somebody_stopped_ran_out_of_no_time() -> None:
    assert look(replace(CASE, seconds=30.0)) is None
