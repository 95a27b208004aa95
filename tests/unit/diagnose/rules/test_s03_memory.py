"""Full memory is told by its limit, the runtime's words, collections and a standstill; a JVM's usual sawtooth is not."""

from dataclasses import replace

import pytest
from cases import constant, healthy, per_second
from stories import QUOTED, SUMMARY_AND_LOG, line, million_concerts, saturated, summary

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s03_memory import look
from sonagi.diagnose.signs.standstill import spoken, standstill
from sonagi.model.finding import Role
from sonagi.model.traffic import Event
from sonagi.report.said import say

CASE = SUMMARY_AND_LOG
# A JVM's heap climbs to its end and falls back with each collection; its process keeps what it once had.
COUNTER = saturated(
    100,
    800,
    8,
    signals={
        "jvm.heap_used": per_second(lambda second: 200e6 + 300e6 * (second % 10) / 10),
        "jvm.heap_max": constant(512e6),
        "jvm.gc": constant(0.03),
        "process.rss": constant(1450e6),
    },
)


def test_the_report_s_log_alone_makes_memory_the_root_and_the_pool_its_symptom() -> None:
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S03"
    assert diagnosis.root.confidence >= 0.95
    assert {finding.cause: finding.role for finding in diagnosis.findings}["S07"] is Role.SYMPTOM
    assert "Don't raise the pool" in say(diagnosis.root.action)


def test_the_standstill_is_read_from_silence_late_waits_and_the_housekeeper() -> None:
    still = standstill(CASE)
    assert still is not None
    assert still.silence is not None
    assert still.silence.value == pytest.approx(86.355, abs=1e-3)
    assert (still.burst, still.within and still.within.value) == (5, pytest.approx(0.008, abs=1e-3))
    assert still.late is not None
    assert [round(one.value) for one in still.late] == [25, 94]
    assert still.delta is not None
    assert still.delta.value == pytest.approx(116.526)
    assert still.least.value == pytest.approx(86.355, abs=1e-3)


def test_a_machine_that_slept_is_refuted_by_the_load_s_own_clock() -> None:
    def keys(seconds: float) -> set[str]:
        finding = look(replace(CASE, seconds=seconds))
        assert finding is not None
        return {proof.said.key for proof in finding.evidence}

    assert "memory.not_asleep" in keys(630.0)
    assert "memory.not_asleep" not in keys(720.0)


def test_a_quiet_log_is_no_standstill() -> None:
    assert standstill(replace(CASE, log=QUOTED[1:2])) is None


def test_memory_at_its_limit_counts_without_a_log_but_for_less() -> None:
    with_log = look(million_concerts())
    without = look(million_concerts(log=(), seen=frozenset({"client", "seconds", "process"})))
    assert with_log is not None
    assert without is not None
    assert without.confidence <= 0.8 < with_log.confidence
    assert without.role is Role.ROOT


def test_a_heap_that_stays_full_after_each_collection_is_full() -> None:
    finding = look(
        saturated(
            100,
            800,
            8,
            signals={
                "jvm.heap_used": per_second(lambda second: 500e6 + 10e6 * (second % 2)),
                "jvm.heap_max": constant(512e6),
                "jvm.gc": constant(0.55),
            },
        )
    )
    assert finding is not None
    assert finding.title.key == "memory.s03_title_limit"
    assert "memory.collecting" in {proof.said.key for proof in finding.evidence}


def test_a_process_that_holds_its_memory_from_the_start_is_not_full() -> None:
    assert look(saturated(100, 800, 8, signals={"process.rss": constant(1480e6)})) is None


def test_errors_that_were_there_before_the_load_are_background() -> None:
    noise = replace(line("MemoryError", 20, at=-20.0), first_at=-20.0)
    assert look(saturated(100, 800, 8, log=(noise,))) is None


def test_threads_that_cannot_be_created_are_not_memory() -> None:
    assert (
        look(saturated(100, 800, 8, log=(line("OutOfMemoryError: unable to create native thread", 9),)))
        is None
    )


def test_where_the_kernel_killed_it_that_is_the_finding() -> None:
    assert look(million_concerts(events=(Event(4.0, "oom_kill"),))) is None


def test_nobody_hurt_is_no_finding() -> None:
    assert look(healthy(log=(line("MemoryError", 1),))) is None
    assert look(summary()) is None


def test_durations_are_read_as_hikari_writes_them() -> None:
    assert spoken("1m56s526ms") == pytest.approx(116.526)
    assert spoken(
        "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=47s12ms)."
    ) == pytest.approx(47.012)
    assert spoken("nothing") is None


def test_what_the_kernel_killed_elsewhere_does_not_silence_it() -> None:
    """A browser on the same host; the server is full and lives on."""
    kills = {"host.oom_kills": per_second(lambda second: second >= 4), "process.alive": constant(1.0)}
    evidence = million_concerts()
    finding = look(evidence)
    assert finding is not None
    beside = replace(evidence, signals={**evidence.signals, **kills})
    assert look(beside) == finding
    gone = {**kills, "process.alive": per_second(lambda second: second < 4)}
    assert look(replace(evidence, signals={**evidence.signals, **gone})) is None
