"""Totals as evidence."""

import pytest
from frames import delta, floats, frame, trend, uint
from runs import requests

from sonagi._core import Totals
from sonagi.model.result import ThresholdResult
from sonagi.store import numbers


def totals(*series: bytes) -> Totals:
    made = Totals()
    made.merge(frame(*series))
    return made


@pytest.mark.parametrize(
    ("samples", "known"),
    [
        (0, ()),
        (1, ()),
        (2, (50.0,)),
        (9, (50.0, 75.0)),
        (10, (50.0, 75.0, 90.0)),
        (100, (50.0, 75.0, 90.0, 95.0, 99.0)),
        (999, (50.0, 75.0, 90.0, 95.0, 99.0)),
        (1000, (50.0, 75.0, 90.0, 95.0, 99.0, 99.9)),
    ],
)
def test_a_percentile_is_known_when_a_sample_can_lie_beyond_it(
    samples: int, known: tuple[float, ...]
) -> None:
    assert numbers.percentiles((), samples) == known


def test_a_percentile_that_is_shown_is_known_whatever_it_is_worth() -> None:
    shown = numbers.shown_in(["avg", "p(99.99)", "med", "p(95)", "max"])
    assert shown == (99.99, 95.0)
    [(_, of)] = numbers.trends(totals(delta("t", "trend", trend(1, 2), "time")), shown).items()
    assert list(of.percentiles) == [50.0, 95.0, 99.99]
    assert (of.count, of.min.value if of.min else None) == (2, 1.0)


def test_times_of_successes_are_told_apart() -> None:
    found = numbers.trends(totals(*requests(1.0, 2.0), *requests(50.0, status="0")), ())
    assert found["http_req_duration"].count == 3
    assert found["http_req_duration{expected_response:true}"].count == 2
    assert "http_req_duration{expected_response:true}" not in numbers.trends(
        totals(*requests(1, status="0")), ()
    )


def test_the_most_frequent_kinds_of_requests_come_first() -> None:
    made = totals(
        *requests(1.0, name="/a"), *requests(1.0, 1.0, name="/b"), *requests(9.0, name="/b", status="500")
    )
    one, other = numbers.endpoints(made, numbers.kinds_of_requests(made), ())
    assert (one.title, one.requests, one.failed, one.ok.count, one.bad.count) == ("GET /b", 3, 1, 2, 1)
    assert (other.title, other.bad.count) == ("GET /a", None)


def test_checks_are_called_by_their_groups() -> None:
    made = totals(
        delta("checks", "rate", uint(1) + uint(3), check="is open", group="::shop::seats"),
        delta("checks", "rate", uint(2) + uint(2), check="is open", group=""),
    )
    found = [(check.name, check.passes, check.fails) for check in numbers.checks(made)]
    assert found == [("is open", 2, 0), ("shop › seats › is open", 1, 2)]


def test_a_goal_says_of_how_many_samples_it_speaks() -> None:
    def goal(metric: str, observed: float | None = 1.0) -> ThresholdResult:
        return ThresholdResult(metric, {}, "…", "count", observed, observed is not None)

    made = totals(*requests(1.0, 2.0), delta("iterations", "counter", floats(9)))
    thresholds = [
        goal("http_req_duration"),
        goal("http_req_failed"),
        goal("iterations"),
        goal("nothing", None),
    ]
    assert [one.samples for one in numbers.goals(made, thresholds)] == [2, 2, None, 0]


def test_the_script_s_own_times_are_named() -> None:
    made = totals(
        delta("tps", "trend", trend(1), "time"),
        delta("rows", "trend", trend(1)),
        delta("http_req_duration", "trend", trend(1), "time"),
    )
    assert numbers.custom_times(made) == ("tps",)
