"""A server with hardly anything to do; told where somebody asks how much it can."""

from dataclasses import replace

from cases import constant, healthy
from k6_report import CONCERTS, ONE_USER, SCHEDULES, SCHEDULES_200, SEATS, TOKENS

from sonagi.diagnose.rules.validity.c17_underload import look
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Goal

CASE = SCHEDULES_200
COUNTER = healthy()

ASKED = (Goal("http_reqs", True, "rate>90"),)


def test_the_rate_is_a_lower_bound() -> None:
    finding = look(SCHEDULES_200)
    assert finding is not None
    assert round(finding.title.values["rate"].value) == 198
    assert round(finding.title.values["held"].value, 2) == 2.06
    assert finding.evidence[-1].said.key == "validity.c17_flat"


def test_all_runs_of_the_report_that_were_answered_are_such() -> None:
    for run in (SCHEDULES, SEATS, TOKENS):
        finding = look(run)
        assert finding is not None
        assert 0.9 < finding.title.values["held"].value < 1.5
    assert look(CONCERTS) is None
    assert look(ONE_USER) is None


def test_a_goal_on_a_rate_asks_for_it() -> None:
    assert look(healthy(goals=ASKED)) is not None


def test_a_busy_server_or_users_that_wait_in_line_are_no_underload() -> None:
    assert look(healthy(goals=ASKED, signals={"host.cpu_busiest": constant(0.9)})) is None
    assert look(healthy(goals=ASKED, signals={"pool.pending": constant(20)})) is None


def test_answers_that_got_slower_with_more_users_are_a_first_sign_of_the_limit() -> None:
    duration = replace(SCHEDULES_200.trend("http_req_duration"), avg=Reading.exact(12.4))
    trends = {**SCHEDULES_200.trends, "http_req_duration": duration}
    assert look(replace(SCHEDULES_200, trends=trends)) is not None
    before = SCHEDULES.trends | {"http_req_duration": replace(duration, avg=Reading.exact(5.0))}
    assert look(replace(SCHEDULES_200, trends=trends, before=replace(SCHEDULES, trends=before))) is None
