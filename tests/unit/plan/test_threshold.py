"""Thresholds: k6's grammar, and no data is never a pass."""

import pytest

from sonagi._core import Totals
from sonagi.plan.problems import Problem
from sonagi.plan.threshold import Threshold, evaluate, parse


def threshold(key: str, source: str) -> Threshold:
    parsed = parse(key, source, {"tickets": "counter"})
    assert isinstance(parsed, Threshold), parsed
    return parsed


@pytest.fixture
def totals() -> Totals:
    measured = Totals()
    for value in (100.0, 200.0, 300.0, 400.0):
        measured.add("http_req_duration", "trend", "time", value, {"status": "200"})
    measured.add("http_req_duration", "trend", "time", 5000.0, {"status": "500"})
    for failed in (0.0, 0.0, 0.0, 1.0):
        measured.add("http_req_failed", "rate", "default", failed)
    measured.add("tickets", "counter", "default", 30.0)
    measured.add("vus", "gauge", "default", 7.0)
    return measured


@pytest.mark.parametrize(
    ("key", "source", "observed", "ok"),
    [
        ("http_req_duration", "max<=5000", 5000, True),
        ("http_req_duration{status:200}", "p(100)<500", 400, True),
        ("http_req_duration{status:200}", "avg == 250", 250, True),
        ("http_req_duration", "min > 100", 100, False),
        ("http_req_failed", "rate<0.25", 0.25, False),
        ("http_req_failed", "rate <= 2.5e-1", 0.25, True),
        ("tickets", "count>=30", 30, True),
        ("tickets", "rate>2.9", 3, True),
        ("vus", "value!=7", 7, False),
    ],
)
def test_a_threshold_is_judged_by_what_was_measured(
    totals: Totals, key: str, source: str, observed: float, ok: bool
) -> None:
    result = evaluate(threshold(key, source), totals, seconds=10)
    assert result.observed == pytest.approx(observed, rel=1e-3)
    assert result.ok is ok


@pytest.mark.parametrize(
    "key", ["http_req_waiting", "http_req_duration{status:404}", "checks", "dropped_iterations"]
)
def test_without_samples_a_threshold_is_not_met(totals: Totals, key: str) -> None:
    kind = {"checks": "rate>=0", "dropped_iterations": "count>=0"}.get(key, "p(95)<1000000")
    result = evaluate(threshold(key, kind), totals, seconds=10)
    assert result.no_data
    assert not result.ok


@pytest.mark.parametrize(
    ("key", "source", "code"),
    [
        ("http_req_durations", "p(95)<1", "threshold_metric_near"),
        ("zzz", "p(95)<1", "threshold_metric"),
        ("http_req_duration", "p(101)<1", "threshold_aggregation"),
        ("http_req_duration", "rate<1", "threshold_aggregation"),
        ("http_req_duration", "p(95)", "threshold"),
        ("http_req_duration", "p(95)<fast", "threshold"),
        ("http_req_duration", "p(95)<1;", "threshold"),
        ("http_req_duration{status}", "p(95)<1", "threshold_tags"),
        ("http_req_duration{status:200", "p(95)<1", "threshold_tags"),
    ],
)
def test_a_mistake_is_named(key: str, source: str, code: str) -> None:
    parsed = parse(key, source, {})
    assert isinstance(parsed, Problem)
    assert parsed.code == code
    assert parsed.where == f"thresholds.{key}"
