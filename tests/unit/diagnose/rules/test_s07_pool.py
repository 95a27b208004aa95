"""An empty pool is told by its level or the log; requests that wait for a moment are no cause."""

from dataclasses import replace

import pytest
from cases import constant, healthy, per_second
from stories import SUMMARY_AND_LOG, line, saturated

from sonagi.diagnose.rules.server.s07_pool import look
from sonagi.diagnose.signs.pool import empty_pool
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding
from sonagi.model.quantity import Reading
from sonagi.model.traffic import FailureKind, Failures, Trend
from sonagi.report.said import say

WAITING = {"pool.active": constant(10), "pool.pending": constant(70), "process.cpu": constant(0.2)}

CASE = saturated(80, 4000, 500, signals=WAITING)
# Eight of ten in use, once a second's wait; answers as fast as ever.
COUNTER = healthy(
    signals={"pool.active": constant(8), "pool.pending": per_second(lambda second: 3 if second == 20 else 0)}
)


def found(evidence: Evidence) -> Finding:
    finding = look(evidence)
    assert finding is not None
    return finding


def test_how_long_a_connection_is_held_is_computed() -> None:
    finding = found(CASE)
    assert finding.confidence >= 0.85
    assert finding.title.values["held"].value == pytest.approx(0.5)
    assert "each is held for 500 ms" in say(finding.title)
    assert [rival.cause for rival in finding.rivals] == ["S09", "S11", "S21"]


def test_the_pool_s_own_word_on_that_counts_more() -> None:
    finding = found(replace(CASE, signals={**CASE.signals, "pool.held": constant(480)}))
    assert finding.title.values["held"].how.startswith("mean(pool.held)")


@pytest.mark.parametrize(
    "text",
    [
        "QueuePool limit of size 5 overflow 0 reached, connection timed out, timeout 30.00",
        "Unable to acquire JDBC Connection",
        "couldn't get a connection after 30.00 sec",
        "Knex: Timeout acquiring a connection. The pool is probably full.",
        "Timed out fetching a new connection from the connection pool",
    ],
)
def test_pools_of_all_languages_say_it_in_their_logs(text: str) -> None:
    failing = healthy(
        failed=3000, log=(line(text, 3000),), seen=frozenset({"client", "seconds", "log"}), signals={}
    )
    assert found(failing).confidence >= 0.8


def test_hikari_s_line_tells_the_level() -> None:
    finding = found(SUMMARY_AND_LOG)
    assert finding.title.values["maximum"].value == 10
    assert "Look at memory first" in say(finding.action)


def test_a_server_that_falls_silent_with_an_empty_pool_told_enough() -> None:
    silent = {name: series.between(0, 2) for name, series in CASE.signals.items() if name.startswith("pool.")}
    evidence = replace(CASE, signals={**CASE.signals, **silent})
    assert found(evidence).onset == 1.0


def test_a_full_pool_that_nobody_waits_for_is_well_used() -> None:
    assert look(saturated(80, 4000, 500, signals={"pool.active": constant(10)})) is None


def test_errors_after_thirty_seconds_hint_at_a_pool_from_the_client_alone() -> None:
    late = Failures(
        FailureKind.STATUS, "GET", "/concerts/", 2000, 500, duration=Trend(med=Reading.exact(30_020))
    )
    client = healthy(failed=2000, failures=(late,), seen=frozenset({"client", "seconds"}), signals={})
    finding = found(client)
    assert finding.confidence <= 0.5
    assert finding.scope == "GET /concerts/"
    quick = replace(late, duration=Trend(med=Reading.exact(12)))
    assert look(replace(client, failures=(quick,))) is None


def test_lines_without_harm_are_no_finding() -> None:
    assert look(healthy(log=(line("QueuePool limit of size 5 overflow 0 reached", 1),))) is None


def test_a_pool_that_never_had_a_connection_is_not_full() -> None:
    """HikariCP writes it so when the database cannot be reached."""
    said = "HikariPool-1 - Connection is not available, request timed out after 30001ms (total=0, active=0, idle=0, waiting=25)"
    empty = line(said, 40, signature="hikari", values=(("30001", "0", "0", "0", "25"),) * 40)
    evidence = replace(SUMMARY_AND_LOG, log=(empty,))
    assert empty_pool(evidence) is None
    full = replace(empty, values=(("30001", "10", "10", "0", "25"),) * 40)
    found = empty_pool(replace(evidence, log=(full,)))
    assert found is not None and found.maximum is not None and found.maximum.value == 10
