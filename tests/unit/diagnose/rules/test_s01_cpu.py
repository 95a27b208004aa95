"""Processors in full use with requests waiting are the server's limit; busy ones that keep their goals are not."""

from dataclasses import replace

import pytest
from cases import constant, healthy, per_second
from stories import saturated

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s01_cpu import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding
from sonagi.model.traffic import Endpoint

BUSY = {
    "process.cpu": constant(0.99),
    "process.cores": constant(1),
    "host.cpu": constant(0.62),
    "host.cores": constant(2),
}

CASE = saturated(100, 800, 8, signals=BUSY)
# 70 % of the processors, steadily, and nobody waits.
COUNTER = healthy(
    signals={
        "process.cpu": constant(2.8),
        "host.cpu": constant(0.75),
        "process.busiest_thread": constant(0.7),
    }
)


def found(evidence: Evidence) -> Finding:
    finding = look(evidence)
    assert finding is not None
    return finding


def test_all_cores_in_use_and_a_queue_are_the_root() -> None:
    finding = found(CASE)
    assert finding.confidence >= 0.85
    assert finding.title.values["used"].value == pytest.approx(0.99)
    assert finding.title.values["cores"].value == 1
    assert finding.scope == "GET /concerts/"


def test_a_pool_that_empties_later_is_its_symptom() -> None:
    pool = {"pool.active": constant(10), "pool.pending": per_second(lambda second: 40 if second > 20 else 0)}
    diagnosis = diagnose(replace(CASE, signals={**CASE.signals, **pool}))
    assert [finding.cause for finding in diagnosis.findings if finding.role == "root"] == ["S01"]
    assert "S07" in {finding.cause for finding in diagnosis.findings}


def test_a_host_that_somebody_else_keeps_busy_is_not_the_server_s_limit() -> None:
    signals = {"process.cpu": constant(0.3), "host.cpu": constant(1.0), "generator.cpu": constant(1.7)}
    assert look(saturated(100, 800, 8, signals={**BUSY, **signals, "process.cores": constant(2)})) is None


def test_a_busy_host_counts_where_the_process_was_not_watched_but_for_less() -> None:
    without = {name: series for name, series in CASE.signals.items() if not name.startswith("process.")}
    evidence = replace(
        CASE, signals={**without, "host.cpu": constant(0.98)}, seen=frozenset({"client", "host"})
    )
    finding = found(evidence)
    assert finding.confidence < found(CASE).confidence
    assert {one.key for one in finding.against} >= {"server.unseen_process", "server.unseen_log"}
    assert look(replace(evidence, signals={**evidence.signals, "generator.cpu": constant(1.5)})) is None


def test_processors_that_got_busy_long_after_the_harm_did_not_cause_it() -> None:
    late = {**BUSY, "process.cpu": per_second(lambda second: 0.99 if second > 50 else 0.2)}
    failing = {"load.failed": constant(50)}
    assert look(healthy(failed=3000, signals={**late, **failing})) is None


def test_from_the_client_alone_only_the_queue_is_told() -> None:
    finding = found(replace(CASE, seen=frozenset({"client", "seconds"}), signals=_loads(CASE)))
    assert finding.confidence < 0.5
    assert finding.title.key == "server.s01_unseen_title"
    assert {rival.cause for rival in finding.rivals} >= {"S06", "S07", "S30"}


def test_users_who_march_in_step_are_no_queue() -> None:
    """100 at one instant each second wait for each other for a moment; on average one request is under way."""
    times = replace(CASE.endpoints[0].ok)
    step = healthy(
        endpoints=(Endpoint("GET", "/concerts/", 5940, 0, times),),
        seen=frozenset({"client", "seconds"}),
        signals={},
    )
    assert look(replace(step, signals=_loads(step))) is None


def _loads(evidence: Evidence) -> dict[str, object]:
    return {name: series for name, series in evidence.signals.items() if name.startswith("load.")}
