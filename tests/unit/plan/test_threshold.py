"""Thresholds: k6's grammar, and no data is never a pass."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonagi._core import Totals
from sonagi.model.measurements import Distribution
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
        ("http_req_duration", "p(95)<nan", "threshold"),
        ("http_req_duration", "p(95)<inf", "threshold"),
        ("http_req_duration", "p(95)<1e999", "threshold"),
        ("http_req_duration", "p(95)<1_000", "threshold"),
        ("http_req_duration", "p(95)<500ms", "threshold"),
        ("http_req_duration", "p(1.2.3)<1", "threshold_aggregation"),
        ("http_req_duration{:200}", "p(95)<1", "threshold_tags"),
        ("http_req_duration{status}", "p(95)<1", "threshold_tags"),
        ("http_req_duration{status:200", "p(95)<1", "threshold_tags"),
    ],
)
def test_a_mistake_is_named(key: str, source: str, code: str) -> None:
    parsed = parse(key, source, {})
    assert isinstance(parsed, Problem)
    assert parsed.code == code
    assert parsed.where == f"thresholds.{key}"


@pytest.mark.parametrize(
    ("comparison", "met"),
    [("<", False), ("<=", True), (">", False), (">=", True), ("==", True), ("===", True), ("!=", False)],
)
def test_each_operator_is_k6s_at_the_limit_itself(totals: Totals, comparison: str, met: bool) -> None:
    assert evaluate(threshold("vus", f"value{comparison}7"), totals, seconds=1).ok is met


class NotANumber:
    """Measurements of one gauge that has no meaningful value."""

    def metrics(self) -> list[tuple[str, str, str]]:
        return [("vus", "gauge", "default")]

    def series(self, metric: str, /) -> list[dict[str, str]]:
        return [{}]

    def counter(self, metric: str, tags: Mapping[str, str] | None = None) -> float | None:
        return None

    def gauge(self, metric: str, tags: Mapping[str, str] | None = None) -> tuple[float, float, float] | None:
        return (math.nan, math.nan, math.nan)

    def rate(self, metric: str, tags: Mapping[str, str] | None = None) -> tuple[int, int] | None:
        return None

    def trend(self, metric: str, tags: Mapping[str, str] | None = None) -> Distribution | None:
        return None


@pytest.mark.parametrize("comparison", ["<", "<=", ">", ">=", "==", "!="])
def test_what_is_not_a_number_meets_nothing(comparison: str) -> None:
    result = evaluate(threshold("vus", f"value{comparison}7"), NotANumber(), seconds=1)
    assert result.no_data
    assert not result.ok


@given(
    st.sampled_from(["<", "<=", ">", ">=", "==", "===", "!="]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(0, 100),
    st.text(" \t", max_size=3),
)
def test_a_condition_reads_back_whatever_its_spaces(
    comparison: str, value: float, percent: int, space: str
) -> None:
    source = f"{space}p({space}{percent}{space}){space}{comparison}{space}{value!r}{space}"
    read = threshold("http_req_waiting", source)
    assert (read.aggregation, read.comparison, read.value) == (f"p({percent})", comparison, value)


def test_a_tags_value_may_hold_colons_and_braces() -> None:
    read = threshold("http_req_duration{name:http://x/{id}, group:::find a seat}", "p(95)<1")
    assert read.tags == {"name": "http://x/{id}", "group": "::find a seat"}
