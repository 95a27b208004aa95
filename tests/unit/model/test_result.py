"""What can be asked of a result, and how a metric is named."""

import math
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from sonagi._core import Totals
from sonagi.model.metrics import BUILTIN, MetricKind
from sonagi.model.result import Result, ThresholdResult


@pytest.fixture
def result() -> Result:
    measured = Totals()
    for value in range(1, 102):
        measured.add("http_req_duration", "trend", "time", float(value), {"name": "seats"})
    measured.add("http_req_duration", "trend", "time", 9000.0, {"name": "queue"})
    measured.add("http_reqs", "counter", "default", 3.0, {"status": "200"})
    measured.add("http_reqs", "counter", "default", 4.0, {"status": "500"})
    for failed in (1.0, 0.0, 0.0, 0.0):
        measured.add("http_req_failed", "rate", "default", failed)
    return Result("test.py", (), datetime(2026, 1, 1, tzinfo=UTC), 10.0, measured)


def test_a_percentile_is_of_the_series_that_carry_the_tags(result: Result) -> None:
    assert result.p(50, name="seats") == pytest.approx(0.051, rel=1e-3)
    assert result.p(100) == 9


def test_a_count_is_the_sum_over_series(result: Result) -> None:
    assert result.count("http_reqs") == 7
    assert result.count("http_reqs", status="500") == 4


def test_a_share_is_how_often_a_rate_was_true(result: Result) -> None:
    assert result.share("http_req_failed") == 0.25


def test_what_was_not_measured_is_no_number_and_no_count(result: Result) -> None:
    assert math.isnan(result.p(95, name="nowhere"))
    assert math.isnan(result.share("checks"))
    assert result.count("dropped_iterations") == 0


def test_a_result_does_not_change(result: Result) -> None:
    with pytest.raises(FrozenInstanceError):
        result.exit_code = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({}, "http_reqs"),
        ({"status": "200"}, "http_reqs{status:200}"),
        ({"status": "200", "name": "a"}, "http_reqs{status:200,name:a}"),
    ],
)
def test_a_threshold_is_named_as_k6_writes_it(tags: dict[str, str], name: str) -> None:
    assert ThresholdResult("http_reqs", tags, "count>1", "count", 2.0, True).name == name


def test_times_are_trends_and_bytes_are_counters() -> None:
    kinds = {
        contains: {m.kind for m in BUILTIN.values() if m.contains == contains}
        for contains in ("time", "data")
    }
    assert kinds == {"time": {MetricKind.TREND}, "data": {MetricKind.COUNTER}}
