"""Times of failures among those of successes."""

from dataclasses import replace

from cases import healthy, trend
from k6_report import CONCERTS, ONE_USER, TOKENS

from sonagi.diagnose.rules.validity.c14_survivors import OK, look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Verdict
from sonagi.model.traffic import Goal


def mixed(failed: int, every: float, ok: float) -> Evidence:
    base = healthy(requests=10_000, failed=failed)
    return replace(base, trends={**base.trends, "http_req_duration": trend(every), OK: trend(ok)})


# 30 % fail in 5 ms: 280 ms of all, 399 of successes.
CASE = mixed(3000, 280.8, 399.0)
COUNTER = TOKENS  # 0.43 %, faster, and of no weight in the mean


def test_fast_failures_make_a_server_look_faster() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.key == "validity.c14_title_fast"
    assert round(finding.title.values["bad"].value) == 5
    assert finding.verdict is Verdict.SUSPECT


def test_slow_failures_make_it_look_slower() -> None:
    finding = look(mixed(1000, 300.0, 100.0))
    assert finding is not None
    assert finding.title.key == "validity.c14_title_slow"


def test_failures_as_slow_as_the_timeout_are_censoring() -> None:
    assert look(mixed(1000, 6090.0, 100.0)) is None


def test_failures_that_take_as_long_as_successes_leave_the_mean_alone() -> None:
    assert look(mixed(3000, 102.0, 100.0)) is None


def test_a_goal_that_was_met_by_failures_alone_is_not_met() -> None:
    finding = look(ONE_USER)
    assert finding is not None
    assert finding.title.key == "validity.c14_title_none"
    assert finding.evidence[1].said.values["goal"] == "http_req_duration"
    crossed = look(CONCERTS)
    assert crossed is not None
    assert [proof.said.key for proof in crossed.evidence] == ["validity.c14_none"]
    assert finding.voids == crossed.voids == ("http_req_duration",)
    named = look(replace(ONE_USER, goals=(Goal("http_req_duration", True, "p(95)<500"),)))
    assert named is not None
    assert named.evidence[1].said.values["goal"] == "p(95)<500"
