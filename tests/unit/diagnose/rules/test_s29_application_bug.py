"""Failures that depend on the data and not on the load."""

from dataclasses import replace

import pytest
import reported
from cases import NAME, constant, per_second, trend
from failed import failing, failures, line, narrow

from sonagi.diagnose.rules.failures.s29_application_bug import look
from sonagi.diagnose.signs.queueing import queue
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Endpoint, FailureKind

STEADY = per_second(lambda second: second % 3)
FAST = narrow(4.0, 9.0)
TWICE = line("spring-unique", 59, "NonUniqueResultException: query did not return a unique result: 2")
POOL = line("sqlalchemy", 900, "QueuePool limit of size 5 overflow 0 reached, connection timed out")

CASE = failing(failures(FailureKind.STATUS, STEADY, method="POST", status=500, duration=FAST), log=(TWICE,))
# Overload sheds load as quickly, but more so the more is asked for, and its log says what ran out.
COUNTER = failing(
    failures(FailureKind.STATUS, per_second(lambda second: second * second / 60), status=500, duration=FAST),
    offered=per_second(lambda second: 20 + 3 * second),
    log=(POOL,),
)


def test_duplicate_rows_are_named_where_the_log_names_them() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.key == "failures.s29_duplicates_title"
    assert finding.confidence > 0.9
    assert finding.scope.startswith("POST ")


def test_clients_alone_see_that_it_is_the_application_and_not_why() -> None:
    finding = look(replace(CASE, log=(), seen=frozenset({"client", "seconds"})))
    assert finding is not None
    assert finding.title.key == "failures.s29_title"
    assert 0.5 < finding.confidence <= 0.6


def test_the_same_share_under_another_load_makes_it_surer() -> None:
    ramp = per_second(lambda second: 20 + 3 * second)
    share = per_second(lambda second: (20 + 3 * second) / 50)
    tried = failing(failures(FailureKind.STATUS, share, status=500, duration=FAST), offered=ramp)
    finding, once = (
        look(tried),
        look(failing(failures(FailureKind.STATUS, STEADY, status=500, duration=FAST))),
    )
    assert finding is not None and once is not None
    assert finding.confidence > once.confidence
    assert "failures.s29_one_load" in [said.key for said in once.against]
    assert "failures.s29_one_load" not in [said.key for said in finding.against]


def test_failures_that_waited_in_the_queue_of_all_are_no_bug_of_the_application() -> None:
    """As when a pool gives up after 2 s what others get after 2.2 s; alone, a request takes 0.3 s."""
    late = failures(FailureKind.STATUS, STEADY, status=500, duration=narrow(2000, 2050))
    took = replace(trend(2200.0, low=300.0, high=4000.0), med=Reading.exact(2270.0))
    waiting = failing(
        late,
        endpoints=(Endpoint("GET", NAME, 5940, late.count, took, late.duration),),
        trends={"http_req_duration": took},
        seen=frozenset({"client", "seconds"}),
    )
    assert queue(waiting) is not None
    assert look(waiting) is None
    alone = replace(took, min=Reading.exact(1500.0))
    steady = replace(waiting, endpoints=(replace(waiting.endpoints[0], ok=alone),))
    assert queue(steady) is None
    assert look(steady) is not None


@pytest.mark.parametrize(
    ("changes", "more"),
    [
        ({"duration": narrow(900, 1100)}, {}),
        ({"by_second": per_second(lambda second: 20 if second > 50 else 0), "count": 200}, {}),
        ({"status": 503}, {}),
        ({"status": 404}, {}),
        ({}, {"log": (POOL,)}),
    ],
    ids=[
        "slower than successes",
        "from one moment on",
        "a gateway's",
        "the test's own input",
        "the pool ran out",
    ],
)
def test_it_is_not_said_of_failures(changes: dict[str, object], more: dict[str, object]) -> None:
    one = failures(FailureKind.STATUS, STEADY, status=500, duration=FAST)
    assert look(failing(replace(one, **changes), **more)) is None  # type: ignore[arg-type]


def test_a_server_with_nothing_left_may_fail_for_that() -> None:
    bug = failures(FailureKind.STATUS, STEADY, status=500, duration=FAST)
    busy = look(failing(bug, signals={"process.cpu": constant(3.9)}))
    idle = look(failing(bug))
    assert busy is not None and idle is not None
    assert busy.confidence < idle.confidence


def test_a_summary_whose_failures_are_faster_than_successes_shows_no_overload() -> None:
    finding = look(reported.TOKENS)
    assert finding is not None
    assert round(finding.confidence, 1) == 0.5
    assert finding.title.key == "failures.s29_title"


def test_keys_that_users_draw_at_once_let_duplicates_be_counted() -> None:
    finding = look(reported.WITH_SCRIPT)
    assert finding is not None
    assert 0.7 < finding.confidence <= 0.75
    race = {proof.said.key: proof.said.values for proof in finding.evidence}["failures.s29_race"]
    assert race["keys"].value == pytest.approx(4.638, abs=0.001)
    assert race["expected"].value == pytest.approx(272, rel=0.01)
    assert race["count"].value == 255


def test_two_keys_at_once_hardly_come_up_twice() -> None:
    finding = look(reported.SEATS)
    assert finding is not None
    assert finding.confidence < 0.4
    assert "failures.s29_race" not in [proof.said.key for proof in finding.evidence]


@pytest.mark.parametrize(
    "run", [reported.UNPAGED, reported.ONE_USER, reported.SCHEDULES, reported.TWO_HUNDRED]
)
def test_failures_without_an_answer_are_something_else(run: Evidence) -> None:
    assert look(run) is None
