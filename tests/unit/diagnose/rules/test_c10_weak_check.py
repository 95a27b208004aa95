"""Errors that are told as successes; answers that are merely alike are none."""

from dataclasses import replace

from cases import healthy
from k6_report import SCHEDULES, SCHEDULES_200, SEATS, TOKENS

from sonagi.diagnose.rules.validity.c10_weak_check import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Body, Check

SEAT = "/concerts/{id}/schedules/{id}/seats"
ERROR = '{"responseStatus":"ERROR","code":"CONCERT_SEAT_NOT_FOUND","message":"존재하지 않는 콘서트 좌석입니다.","data":null}'
REAL = '{"responseStatus":"SUCCESS","data":[{"seatId":1,"seatNumber":1,"status":"AVAILABLE"}'


def answered(*bodies: Body, name: str = SEAT, status: int = 200, **changes: object) -> Evidence:
    count = sum(body.count for body in bodies)
    kinds = (Answers("GET", name, status, count, kinds=len(bodies), bodies=bodies),)
    return healthy(requests=count, iterations=count, answers=kinds, **changes)


CASE = answered(
    Body("a1", 694, 121, ERROR), Body("b2", 1, 6300, REAL), checks=(Check("status is 200", 695, 0),)
)
# A health check: always the same, and nothing wrong with it.
COUNTER = answered(Body("a1", 695, 15, '{"status":"UP"}'), name="/health")


def test_a_run_of_errors_told_as_200_is_invalid() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.verdict is Verdict.INVALID
    assert finding.confidence >= 0.9
    assert finding.title.values["count"].value == 694
    assert finding.title.values["bytes"].value == 121
    assert finding.scope == f"GET {SEAT}"
    assert {"validity.c10_real", "validity.c10_checks"} <= {proof.said.key for proof in finding.evidence}


def test_what_a_rush_ends_in_by_design_voids_no_run() -> None:
    sold_out = Body("a1", 694, 60, '{"success":false,"message":"매진되었습니다"}')
    finding = look(answered(sold_out, Body("b2", 6, 300, REAL)))
    assert finding is not None
    assert finding.verdict is Verdict.SUSPECT


def test_few_of_them_spoil_less() -> None:
    some = look(answered(Body("b2", 900, 6300, REAL), Body("a1", 100, 121, ERROR)))
    assert some is not None
    assert some.verdict is Verdict.SUSPECT
    assert look(answered(Body("b2", 9990, 6300, REAL), Body("a1", 10, 121, ERROR))) is None


def test_a_check_that_found_them_leaves_nothing_to_say() -> None:
    assert look(replace(CASE, checks=(Check("seat is there", 1, 694),))) is None


def test_the_same_body_for_many_ids_is_no_error_by_itself() -> None:
    assert look(answered(Body("a1", 5000, 120, '{"id":1,"title":"IU","status":"AVAILABLE"}'))) is None


def test_empty_answers_to_different_questions_are_a_suspicion_where_full_ones_are_far_larger() -> None:
    empty = Body("a1", 990, 40, '{"status":"OK","data":[]}')
    finding = look(answered(empty, Body("b2", 10, 6300, REAL)))
    assert finding is not None
    assert finding.confidence == 0.5
    assert look(answered(empty)) is None


def test_bytes_alone_are_a_suspicion_and_only_where_each_url_was_another() -> None:
    finding = look(SEATS)
    assert finding is not None
    assert finding.confidence == 0.6
    assert finding.verdict is Verdict.SUSPECT
    assert 250 < finding.title.values["bytes"].value < 255
    for other in (SCHEDULES, SCHEDULES_200, TOKENS):
        assert look(other) is None


def test_large_answers_and_checks_of_the_body_take_the_suspicion_away() -> None:
    assert look(replace(SEATS, received=Reading.exact(60e6))) is None
    assert look(replace(SEATS, checks=(Check("has 50 seats", 59_400, 0),))) is None


def test_a_healthy_answer_is_read_as_one() -> None:
    assert look(answered(Body("b2", 700, 6300, REAL), checks=(Check("status is 200", 700, 0),))) is None
