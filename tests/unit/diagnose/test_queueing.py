"""How much of a run a queue made slow."""

from dataclasses import replace

import pytest
from cases import constant, healthy, trend

from sonagi.diagnose.signs.harm import harm
from sonagi.diagnose.signs.queueing import queue
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Endpoint

SLOW = replace(trend(200.0, low=50.0, high=400.0), med=Reading.exact(200.0))
FAST = trend(5.0, low=2.0, high=20.0)


def two_kinds() -> Evidence:
    """One kind of request waits, 100 a second; the other is quick, 1,000 a second."""
    return healthy(
        requests=66_000,
        endpoints=(Endpoint("GET", "/slow", 6000, 0, SLOW), Endpoint("GET", "/fast", 60_000, 0, FAST)),
        trends={"http_req_duration": trend(23.0)},
        signals={
            "load.vus": constant(60),
            "load.p50": constant(5.0),
            "load.p50|GET /slow": constant(200.0),
            "load.requests": constant(1100),
            "load.requests|GET /slow": constant(100),
        },
    )


def test_one_slow_kind_of_request_is_not_all_of_them() -> None:
    evidence = two_kinds()
    assert queue(evidence) is not None
    assert harm(evidence).share == pytest.approx(100 / 1100)


def test_of_totals_alone_all_are_taken_to_be_slow() -> None:
    evidence = replace(two_kinds(), signals={"load.vus": constant(60)})
    assert queue(evidence) is not None
    assert harm(evidence).share == 1.0
