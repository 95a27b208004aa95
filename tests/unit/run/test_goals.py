"""Thresholds while a run goes on, second by second."""

from typing import Any

import pytest

from sonagi._core import Totals
from sonagi.model.result import ThresholdResult
from sonagi.plan.threshold import Threshold, parse
from sonagi.run.goals import Goals, Window


def threshold(key: str, given: Any) -> Threshold:
    parsed = parse(key, given, {"tickets": "counter"})
    assert isinstance(parsed, Threshold), parsed
    return parsed


def second(**values: list[float]) -> Totals:
    """What one frame had: durations, failures (0 or 1), tickets, vus."""
    kinds = {
        "http_req_duration": "trend",
        "http_req_failed": "rate",
        "tickets": "counter",
        "vus": "gauge",
    }
    frame = Totals()
    for name, samples in values.items():
        for sample in samples:
            frame.add(name, kinds[name], "default", sample)
    return frame


def windowed(key: str, source: str, *seconds: Totals) -> ThresholdResult:
    window = Window(threshold(key, source))
    for at, frame in enumerate(seconds, start=1):
        window.add(float(at), frame)
    return window.result(Totals(), float(len(seconds)))


def test_a_bad_window_in_a_good_run_fails_and_is_told() -> None:
    good, bad = second(http_req_duration=[10.0] * 50), second(http_req_duration=[900.0] * 50)
    result = windowed("http_req_duration", "p(95)<500 over 3s", *[good] * 20, *[bad] * 3, *[good] * 77)
    assert (result.ok, result.observed) == (False, pytest.approx(900, rel=1e-3))


def test_a_bad_second_that_no_window_notices_is_met_with_the_worst_window() -> None:
    good, bad = second(http_req_failed=[0.0] * 99), second(http_req_failed=[1.0])
    result = windowed("http_req_failed", "rate<0.01 over 3s", *[good] * 5, bad, *[good] * 5)
    assert (result.ok, result.observed) == (True, pytest.approx(1 / 199))
    assert result.budget_used == pytest.approx(100 / 199)


@pytest.mark.parametrize(
    ("key", "source", "frames", "observed", "ok"),
    [
        ("tickets", "rate>5 over 2s", [{"tickets": [10.0]}] * 4 + [{}] * 2, 0, False),
        ("tickets", "count>15 over 2s", [{"tickets": [10.0]}] * 4, 20, True),
        ("vus", "value<9 over 2s", [{"vus": [3.0]}, {"vus": [12.0]}, {"vus": [4.0]}], 12, False),
        ("http_req_duration", "avg<50 over 2s", [{}, {}, {"http_req_duration": [20.0]}, {}, {}], 20, True),
    ],
)
def test_each_kind_of_metric_has_windows(
    key: str, source: str, frames: list[dict[str, list[float]]], observed: float, ok: bool
) -> None:
    result = windowed(key, source, *(second(**frame) for frame in frames))
    assert (result.observed, result.ok) == (pytest.approx(observed, rel=1e-3), ok)


def test_a_run_shorter_than_its_window_is_judged_as_a_whole() -> None:
    window = Window(threshold("http_req_failed", "rate<0.5 over 30s"))
    window.add(1.0, second(http_req_failed=[0.0, 1.0, 1.0]))
    assert window.result(second(http_req_failed=[0.0, 1.0, 1.0]), 1.0).ok is False


def test_without_any_data_a_window_is_not_met() -> None:
    assert windowed("http_req_duration", "avg<50 over 1s", second(), second()).no_data


def test_a_threshold_that_is_not_met_ends_the_run_after_its_delay() -> None:
    long_form = {"threshold": "rate<0.1", "abort_on_fail": True, "delay_abort_eval": "3s"}
    goals = Goals([threshold("http_req_failed", long_form)])
    totals = second(http_req_failed=[1.0])
    told = [goals.hear(float(at), (), totals) for at in range(1, 5)]
    assert [result is not None for result in told] == [False, False, True, True]


def test_nothing_measured_yet_does_not_end_a_run() -> None:
    goals = Goals([threshold("http_req_failed", {"threshold": "rate<0.1", "abortOnFail": True})])
    assert goals.hear(1.0, (), Totals()) is None


def test_a_threshold_that_need_not_end_the_run_does_not() -> None:
    goals = Goals([threshold("http_req_failed", "rate<0.1")])
    assert goals.hear(9.0, (), second(http_req_failed=[1.0])) is None


def test_a_sum_that_comes_late_is_of_the_seconds_in_which_it_was_made() -> None:
    window = Window(threshold("tickets", "count<25 over 1s"))
    for at in (1, 2, 3):
        assert window.add(at, second(tickets=[10.0])) is not None
    late = second(tickets=[30.0])
    judged = window.add(4, second(tickets=[10.0, 30.0]), [(late, 3)])
    assert judged is not None and judged.ok and judged.observed == 20
    judged = window.add(5, second(tickets=[10.0, 20.0]))
    assert judged is not None and not judged.ok


def test_what_is_no_sum_may_come_late() -> None:
    window = Window(threshold("http_req_failed", "rate<0.5 over 2s"))
    late = second(http_req_failed=[1.0] * 9)
    judged = window.add(3, second(http_req_failed=[1.0] * 9), [(late, 3)])
    assert judged is not None and judged.observed == 1
