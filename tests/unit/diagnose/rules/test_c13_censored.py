"""Times that are the timeout; long times that are not stay times."""

from dataclasses import replace

from cases import NAME, healthy, trend
from k6_report import CONCERTS

from sonagi.diagnose.rules.validity.c13_censored import look
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Endpoint, FailureKind, Failures, Trend

exact = Reading.exact

CASE = CONCERTS
# All just as slow, and none of them at the timeout.
COUNTER = replace(CONCERTS, timeout=120.0)


def test_percentiles_that_equal_the_timeout_are_named_and_void() -> None:
    finding = look(CONCERTS)
    assert finding is not None
    assert finding.title.values["percentiles"] == "p50, p90, p95"
    assert finding.voids == tuple(f"http_req_duration p({percent})" for percent in (50, 90, 95))
    assert finding.confidence == 0.99


def test_percentiles_and_mean_bound_how_many_were_cut_off() -> None:
    finding = look(CONCERTS)
    assert finding is not None
    bounds = finding.evidence[0].said.values
    assert bounds["least"].value == 0.5
    assert round(bounds["most"].value, 3) == 0.709


def test_our_own_run_counts_them_and_knows_up_to_which_percentile() -> None:
    cut = Failures(FailureKind.TIMEOUT, "GET", NAME, 500, duration=Trend(med=exact(1000.0)))
    shown = {90.0: exact(300.0), 95.0: exact(1000.0), 99.0: exact(1000.0)}
    duration = Trend(exact(80.0), exact(2.0), exact(9.0), exact(1000.0), shown)
    base = healthy(
        timeout=1.0,
        failed=500,
        failures=(cut,),
        endpoints=(Endpoint("GET", NAME, 5940, 500, trend(20.0, high=900.0)),),
    )
    finding = look(replace(base, trends={**base.trends, "http_req_duration": duration}))
    assert finding is not None
    assert finding.title.values["percentiles"] == "p95, p99"
    assert round(finding.evidence[0].said.values["least"].value, 3) == 0.084
    known = finding.evidence[1].said.values
    assert known["percentile"] == "p90"


def test_a_greatest_value_at_the_timeout_voids_no_percentile() -> None:
    duration = replace(trend(20.0), max=exact(60_000.0))
    base = healthy(failed=3, failures=(Failures(FailureKind.TIMEOUT, "GET", NAME, 3),))
    assert look(replace(base, trends={**base.trends, "http_req_duration": duration})) is None
