"""Busy workers are told by themselves, by the log, or by what idle processors and a queue leave over."""

from dataclasses import replace

from cases import constant, healthy
from stories import line, saturated

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s06_workers import look
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Finding

IDLE = {"process.cpu": constant(0.1), "host.cpu": constant(0.1), "process.listen_queue": constant(16)}

# gunicorn with two synchronous workers, each request 200 ms long; 20 users.
CASE = saturated(20, 2000, 199, signals=IDLE)
# All eight workers are busy now and then, and nobody waits.
COUNTER = healthy(signals={"workers.max": constant(8), "workers.busy": constant(8)})


def found(evidence: Evidence) -> Finding:
    finding = look(evidence)
    assert finding is not None
    return finding


def test_two_at_a_time_with_idle_processors_and_connections_left_waiting_are_two_workers() -> None:
    finding = found(CASE)
    assert finding.title.key == "server.s06_title_at_once"
    assert finding.title.values["workers"].value == 2
    assert finding.confidence >= 0.8
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S06"


def test_a_server_that_counts_its_workers_says_so_itself() -> None:
    finding = found(
        saturated(100, 800, 80, signals={"workers.max": constant(8), "workers.busy": constant(8), **IDLE})
    )
    assert finding.title.values["workers"].value == 8
    assert finding.confidence >= 0.8


def test_the_log_s_word_counts() -> None:
    refused = healthy(failed=1500, log=(line("uvicorn.error: Exceeded concurrency limit.", 1500),))
    assert found(refused).confidence >= 0.8


def test_busy_processors_are_the_limit_and_not_the_workers() -> None:
    assert look(saturated(20, 2000, 199, signals={**IDLE, "process.cpu": constant(3.9)})) is None


def test_one_core_in_use_speaks_for_one_thread_and_not_for_workers() -> None:
    assert look(saturated(20, 2000, 199, signals={**IDLE, "process.cpu": constant(1.0)})) is None


def test_a_pool_that_requests_wait_for_explains_it() -> None:
    waiting = {**IDLE, "pool.active": constant(10), "pool.pending": constant(9)}
    assert look(saturated(20, 2000, 199, signals=waiting)) is None
    counted = {**waiting, "workers.max": constant(20), "workers.busy": constant(20)}
    diagnosis = diagnose(saturated(20, 2000, 199, signals=counted))
    assert {finding.cause: finding.role for finding in diagnosis.findings} == {
        "S07": "root",
        "S06": "symptom",
    }


def test_from_the_client_alone_a_whole_number_at_a_time_is_a_hint() -> None:
    loads = {name: series for name, series in CASE.signals.items() if name.startswith("load.")}
    client = replace(CASE, signals=loads, seen=frozenset({"client", "seconds"}))
    assert found(client).confidence < 0.5
    diagnosis = diagnose(client)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S06"
