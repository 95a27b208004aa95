"""Stalls in which users of a closed loop asked nothing; not every pause of a server is one."""

from dataclasses import replace

from cases import constant, healthy, per_second

from sonagi.diagnose.rules.validity.c05_omission import look
from sonagi.model.evidence import Evidence, PlannedLoad
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Trend

exact = Reading.exact


def looping(users: int, pause: float, average: float, p99: float, longest: float) -> Evidence:
    """Users who ask every `pause` s for 100 s; times in ms."""
    turn = pause * 1000 + average
    count = int(users * 100_000 / turn)
    duration = Trend(exact(average), exact(0.9), exact(1.0), exact(longest), {99.0: exact(p99)}, count)
    return healthy(
        loads=(PlannedLoad("loop", "constant-vus", users, 100.0, constant_think=pause),),
        seconds=100.0,
        requests=count,
        iterations=count,
        vus=(users, users, users),
        trends={"http_req_duration": duration, "iteration_duration": Trend(exact(turn))},
        signals={"load.requests": constant(count / 100, 100), "load.vus": constant(users, 100)},
    )


# 200 ms of standstill each 10 s, one user who asks every 10 ms: the open truth is about 101 ms.
CASE = looping(1, 0.009, 1.2, 1.0, 200.0)
# The same server, ten users who pause 99 ms: hardly anything is left out.
COUNTER = looping(10, 0.099, 2.9, 113.0, 200.0)


def test_what_users_who_come_at_any_moment_would_see_is_told() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["percentile"] == "p99"
    assert 90 < finding.title.values["truth"].value < 110
    assert finding.voids == ("http_req_duration p(99)",)


def test_of_many_users_as_many_requests_must_be_missing_as_the_mean_says() -> None:
    """Ten users without a pause: all of them in a stall leave a dip each ten seconds, ten that share a slow page don't."""
    slow_page = looping(10, 0.0, 1.02, 1.0, 200.0)
    assert look(slow_page) is None
    dips = per_second(lambda second: 6700 if second % 10 == 0 else 8500, 100)
    stalled = look(replace(slow_page, signals={**slow_page.signals, "load.requests": dips}))
    assert stalled is not None
    assert stalled.title.values["truth"].value > 90


def test_answers_that_merely_vary_are_no_stall() -> None:
    assert look(looping(1, 0.0, 10.0, 46.0, 120.0)) is None


def with_seconds(still: range, **changes: object) -> Evidence:
    """100 users with a second's pause; nothing ends in the seconds of `still`."""
    shown = {90.0: exact(16.0), 95.0: exact(20.0), 99.0: exact(2500.0)}
    duration = Trend(exact(60.0), exact(2.0), exact(9.0), exact(len(still) * 1000.0), shown, 5400)
    requests = per_second(lambda second: 0 if second in still else 99)
    base = healthy(signals={"load.requests": requests})
    return replace(base, trends={**base.trends, "http_req_duration": duration}, **changes)  # type: ignore[arg-type]


def test_seconds_without_an_answer_show_stalls_of_users_who_pause() -> None:
    finding = look(with_seconds(range(20, 30)))
    assert finding is not None
    assert finding.title.values["longest"].value == 10
    assert finding.title.values["percentile"] == "p95"


def test_a_stall_no_longer_than_some_turns_leaves_little_out() -> None:
    assert look(with_seconds(range(20, 22))) is None


def test_a_stall_that_the_timeout_ended_is_censoring() -> None:
    assert look(with_seconds(range(20, 30), timeout=10.0)) is None


def test_an_open_model_leaves_nothing_out() -> None:
    load = PlannedLoad("open", "constant-arrival-rate", 100, 60.0, rate=99.0)
    assert look(with_seconds(range(20, 30), loads=(load,))) is None
