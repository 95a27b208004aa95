"""Users in step; those whose pauses or answers differ are not."""

from dataclasses import replace

from cases import healthy
from k6_report import CONCERTS, SCHEDULES, SCHEDULES_200, SEATS

from sonagi.diagnose.rules.validity.c16_lockstep import look
from sonagi.model.evidence import PlannedLoad
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading

CASE = SCHEDULES
COUNTER = healthy()  # the same pause, but users start one after another


def test_it_stays_a_suspicion_and_says_what_was_not_seen() -> None:
    finding = look(SCHEDULES)
    assert finding is not None
    assert finding.confidence == 0.6
    assert finding.verdict is Verdict.VALID
    assert [said.key for said in finding.against] == ["validity.c16_unseen"]


def test_the_same_holds_for_twice_the_users_and_for_our_own_users_who_start_together() -> None:
    assert look(SCHEDULES_200) is not None
    assert look(SEATS) is not None
    load = PlannedLoad("browse", "constant-vus", 100, 60.0, together=True, constant_think=1.0)
    assert look(healthy(loads=(load,))) is not None


def test_answers_that_differ_part_users_soon() -> None:
    duration = SCHEDULES.trend("http_req_duration")
    wide = replace(duration, percentiles={**duration.percentiles, 95.0: Reading.exact(90.0)})
    assert look(replace(SCHEDULES, trends={**SCHEDULES.trends, "http_req_duration": wide})) is None


def test_pauses_that_differ_are_no_step() -> None:
    whole = SCHEDULES.trend("iteration_duration")
    wide = replace(whole, percentiles={95.0: Reading.exact(1500.0)})
    assert look(replace(SCHEDULES, trends={**SCHEDULES.trends, "iteration_duration": wide})) is None


def test_a_server_that_holds_most_users_at_a_time_gets_no_bursts() -> None:
    assert look(CONCERTS) is None
