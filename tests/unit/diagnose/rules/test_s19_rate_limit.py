"""A limit on requests: the rest is turned away, quickly, and successes stay where they are."""

from dataclasses import replace

from cases import per_second
from failed import failing, failures, line, narrow

from sonagi.diagnose.rules.failures.s19_rate_limit import look
from sonagi.model.series import Series
from sonagi.model.traffic import FailureKind

RISING = per_second(lambda second: 40 + 2 * second)
OVER = Series(RISING.at, tuple(max(asked - 50, 0) for asked in RISING.values))
QUICK = narrow(1.0, 3.0)

CASE = failing(
    failures(FailureKind.STATUS, OVER, status=503, duration=QUICK),
    offered=RISING,
    log=(line("nginx-limit", 900, 'limiting requests, excess: 20.5 by zone "api"'),),
)
# Quick 503s of which more and less get through: something fails, nobody counts.
COUNTER = failing(
    failures(
        FailureKind.STATUS, per_second(lambda second: 40 if second % 7 < 3 else 2), status=503, duration=QUICK
    )
)


def test_successes_that_stay_at_one_rate_are_the_limit() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.title.values["limit"].value == 50
    assert finding.confidence > 0.9
    assert finding.onset == 6.0
    assert "failures.s19_line" in [proof.said.key for proof in finding.evidence]


def test_503s_without_a_line_in_a_log_are_a_limit_when_they_are_quick_and_successes_stay() -> None:
    unlogged = replace(CASE, log=())
    finding = look(unlogged)
    assert finding is not None
    assert finding.confidence < 0.7
    assert [rival.cause for rival in finding.rivals] == ["S20"]
    slow = failing(failures(FailureKind.STATUS, OVER, status=503, duration=narrow(900, 2000)), offered=RISING)
    assert look(slow) is None


def test_a_429_says_so_itself_even_to_a_client_alone() -> None:
    limited = failing(
        failures(FailureKind.STATUS, per_second(lambda second: second % 5), status=429, duration=QUICK)
    )
    finding = look(replace(limited, seen=frozenset({"client", "seconds"})))
    assert finding is not None
    assert 0.8 < finding.confidence <= 0.9
    assert finding.rivals == ()


def test_a_handful_of_429s_among_thousands_is_no_limit_on_the_run() -> None:
    few = failing(failures(FailureKind.STATUS, per_second(lambda second: second < 10), status=429))
    assert look(few) is None
