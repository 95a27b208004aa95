"""Iterations that were never started are the plan's, not the server's."""

from cases import healthy

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


def test_dropped_iterations_that_do_not_add_up_are_told_with_less_confidence() -> None:
    finding = look(healthy(loads=(REPORTED,), iterations=59_000, dropped=40_600))
    assert finding is not None
    assert finding.confidence < 0.9
