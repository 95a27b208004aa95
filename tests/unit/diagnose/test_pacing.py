"""What sets the rate of a test."""

from dataclasses import replace

import pytest
from cases import healthy
from k6_report import CONCERTS, ONE_USER, SCHEDULES, SCHEDULES_200, SEATS, TOKENS

from sonagi.diagnose import pacing
from sonagi.model.evidence import Evidence, PlannedLoad, ScriptFacts
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Goal, Trend


def test_littles_law_holds_for_every_run_that_was_answered() -> None:
    for run in (SCHEDULES, SCHEDULES_200, SEATS, TOKENS):
        users = pacing.paced_users(run)
        assert users is not None
        assert users.value == pytest.approx(run.users, rel=0.006)
    failing = pacing.paced_users(CONCERTS)
    assert failing is not None
    assert failing.value < 0.9 * CONCERTS.users


@pytest.mark.parametrize(
    ("run", "seconds"), [(SCHEDULES, 1.01095), (SEATS, 1.01095), (TOKENS, 1.01437), (CONCERTS, 49.59)]
)
def test_a_turn_is_known_best_by_how_many_fitted_in_unless_the_summary_is_more_exact(
    run: Evidence, seconds: float
) -> None:
    turn = pacing.turn(run)
    assert turn is not None
    assert turn.value == pytest.approx(seconds, abs=1e-5)


def test_our_own_mean_is_exact() -> None:
    turn = pacing.turn(healthy())
    assert turn is not None
    assert turn.value == 1.01


def test_a_pause_is_the_plans_then_the_scripts_then_that_of_the_fastest_iteration() -> None:
    planned = pacing.pause(replace(SCHEDULES, loads=(replace(SCHEDULES.loads[0], constant_think=0.5),)))
    written = pacing.pause(replace(SCHEDULES, script=ScriptFacts(think=2.0)))
    seen = pacing.pause(SCHEDULES)
    assert planned is not None
    assert written is not None
    assert seen is not None
    assert (planned.value, written.value, seen.value) == (0.5, 2.0, 1.0)


def test_an_iteration_that_may_have_waited_for_a_connection_tells_of_no_pause() -> None:
    whole = replace(CONCERTS.trend("iteration_duration"), min=Reading.exact(31_000.0))
    assert pacing.pause(replace(CONCERTS, trends={**CONCERTS.trends, "iteration_duration": whole})) is None


def test_a_client_that_only_works_does_not_pause() -> None:
    fast = {
        "http_req_duration": Trend(min=Reading.exact(2.0)),
        "iteration_duration": Trend(min=Reading.exact(2.7)),
    }
    assert pacing.pause(replace(SCHEDULES, trends=fast)) is None


def test_who_asks_for_a_rate() -> None:
    assert not pacing.asks_for_rate(healthy())
    assert pacing.asks_for_rate(
        healthy(dropped=9, loads=(PlannedLoad("x", "shared-iterations", 9, 60.0, 99),))
    )
    assert pacing.asks_for_rate(healthy(custom=("booking_tps",)))
    assert not pacing.asks_for_rate(healthy(custom=("waiting_time", "tpsx")))
    assert pacing.asks_for_rate(healthy(goals=(Goal("iterations", True, "rate>9"),)))
    assert pacing.asks_for_rate(healthy(before=healthy(loads=(PlannedLoad("x", "constant-vus", 50, 60.0),))))
    assert not pacing.asks_for_rate(healthy(before=healthy()))


def test_a_run_that_failed_is_no_step_of_a_comparison() -> None:
    assert pacing.scaled(SCHEDULES_200)
    assert not pacing.scaled(replace(SCHEDULES_200, before=ONE_USER))
