"""What failed how: by the kinds that were kept, or by what a summary gives away."""

from dataclasses import replace

import pytest
import reported
from cases import NAME, healthy, per_second, trend

from sonagi.diagnose import anatomy
from sonagi.model.evidence import ScriptFacts
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Endpoint, FailureKind, Failures


def failure(kind: FailureKind, count: int, **more: object) -> Failures:
    return replace(Failures(kind, "GET", NAME, count), **more)  # type: ignore[arg-type]


def test_time_that_nothing_accounts_for_is_that_of_connects_that_timed_out() -> None:
    found = anatomy.never_connected(reported.UNPAGED)
    assert found is not None
    assert found.count == Reading(224, 223, 225)
    assert found.missing == pytest.approx(6722, abs=1)


@pytest.mark.parametrize("name", ["one user", "schedules", "two hundred", "seats", "tokens"])
def test_where_no_iteration_was_as_long_as_a_connect_may_take_none_timed_out(name: str) -> None:
    assert anatomy.never_connected(reported.ALL[name]) is None


def test_a_script_that_sleeps_longer_leaves_less_time_to_account_for() -> None:
    asleep = replace(reported.UNPAGED, script=ScriptFacts(think=2.0))
    found = anatomy.never_connected(asleep)
    assert found is not None
    assert found.count.value == 183


def test_what_was_never_written_is_missing_among_the_bytes_that_were_sent() -> None:
    known = replace(reported.UNPAGED, script=ScriptFacts(think=1.0, request_bytes=87))
    unsent = anatomy.never_written(known)
    assert unsent is not None
    assert [round(value) for value in (unsent.low, unsent.value, unsent.high)] == [250, 255, 261]
    assert anatomy.never_written(reported.UNPAGED) is None


def test_percentiles_at_the_timeout_and_the_mean_bound_how_many_timed_out() -> None:
    bounds = anatomy.timed_out(reported.UNPAGED)
    assert bounds is not None
    assert (round(bounds.low), round(bounds.high)) == (610, 865)
    assert anatomy.timed_out(reported.TOKENS) is None


@pytest.mark.parametrize(
    ("name", "answered"),
    [
        ("unpaged", False),
        ("one user", False),
        ("schedules", None),
        ("two hundred", False),
        ("seats", True),
        ("tokens", True),
    ],
)
def test_the_least_receiving_time_tells_whether_every_failure_had_an_answer(
    name: str, answered: bool | None
) -> None:
    assert anatomy.all_answered(reported.ALL[name]) is answered


def test_kinds_that_were_kept_tell_it_exactly() -> None:
    status = failure(FailureKind.STATUS, 7, status=500)
    assert anatomy.all_answered(healthy(failed=7, failures=(status,))) is True
    reset = failure(FailureKind.RESET, 1)
    assert anatomy.all_answered(healthy(failed=8, failures=(status, reset))) is False


def test_only_a_run_without_a_byte_sent_failed_before_it_began() -> None:
    assert [name for name, run in reported.ALL.items() if anatomy.nothing_sent(run)] == ["one user"]


def test_failures_that_no_summary_shows_apart_have_a_mean_by_the_mixture_rule() -> None:
    times = anatomy.pace(reported.TOKENS)
    assert times is not None
    assert (round(times.failed.low, 1), round(times.failed.value, 2), round(times.failed.high, 1)) == (
        7.7,
        9.99,
        12.3,
    )
    assert times.succeeded.value == 14.63


def test_failures_are_compared_with_successes_of_their_own_name() -> None:
    slow = Endpoint("GET", NAME, 100, 10, ok=trend(50.0), bad=trend(40.0))
    other = Endpoint("GET", "/health", 900, 0, ok=trend(1.0))
    failures = (failure(FailureKind.STATUS, 10, status=500),)
    times = anatomy.pace(healthy(endpoints=(slow, other)), failures)
    assert times is not None
    assert (times.failed.value, times.succeeded.value) == (40.0, 50.0)


def test_users_that_think_as_the_plan_says_else_at_most_as_long_as_the_shortest_iteration() -> None:
    assert anatomy.think(healthy()) == 1.0
    assert anatomy.think(reported.TOKENS) == 1.0
    assert anatomy.think(replace(reported.TOKENS, script=ScriptFacts(think=0.3))) == 0.3


def test_few_failures_weigh_little_even_when_all_are_explained() -> None:
    assert anatomy.weight(healthy(failed=3), 3) == pytest.approx(3 / 59.4)
    assert anatomy.weight(healthy(failed=3000), 1500) == 0.5


def test_the_first_second_and_the_only_name_that_failed_are_told() -> None:
    first = failure(FailureKind.RESET, 2, by_second=per_second(lambda second: float(second == 7)))
    assert anatomy.onset([first]) == 7.0
    assert anatomy.scope([first]) == f"GET {NAME}"
    assert anatomy.scope([first, replace(first, name="/other")]) == ""
