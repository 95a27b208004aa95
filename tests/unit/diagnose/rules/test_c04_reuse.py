"""Connections that are not used again, where they could be."""

from dataclasses import replace

import pytest
from cases import healthy, trend

from sonagi.diagnose.rules.validity.c04_reuse import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Verdict
from sonagi.model.quantity import Reading
from sonagi.model.traffic import FailureKind, Failures, Trend

CASE = healthy(connects=5940, reused=0)
# Each failure broke a connection: those had to be opened anew.
COUNTER = healthy(
    connects=3000, failed=2900, failures=(Failures(FailureKind.RESET, "GET", "/", 2900),), reused=2940
)


def connecting(share: float) -> Evidence:
    """A run whose requests all connect, for `share` of their time."""
    times = trend(10.0 * share / (1 - share), low=0.5)
    return replace(CASE, trends={**CASE.trends, "http_req_connecting": times})


def test_connecting_that_hardly_costs_anything_is_a_remark() -> None:
    finding = look(connecting(0.05))
    assert finding is not None
    assert finding.verdict is Verdict.VALID
    dear = look(connecting(0.4))
    assert dear is not None
    assert dear.verdict is Verdict.SUSPECT


@pytest.mark.parametrize(
    "changes",
    [{"settings": {"keep_alive": "off"}}, {"requests": 200, "iterations": 200}],
    ids=["asked for", "two requests a user"],
)
def test_it_is_no_finding_where_it_was_meant_so(changes: dict[str, object]) -> None:
    assert look(replace(CASE, **changes)) is None  # type: ignore[arg-type]


def test_a_summary_tells_it_by_times_of_connecting() -> None:
    reused = Trend(min=Reading.exact(0.0), med=Reading.exact(0.0))
    bare = replace(CASE, connects=None, reused=None, trends={**CASE.trends, "http_req_connecting": reused})
    assert look(bare) is None
    finding = look(replace(bare, trends={**bare.trends, "http_req_connecting": trend(0.2, low=0.05)}))
    assert finding is not None
    assert finding.evidence[0].said.values["share"].value == 1.0
