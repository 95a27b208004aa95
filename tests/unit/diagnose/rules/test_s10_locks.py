"""Waits for locks that are as many as the requests that suffer are a cause; one deadlock is not."""

from cases import constant
from stories import line, saturated

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s10_locks import look

WAIT = "process 4711 still waiting for ShareLock on transaction 742 after 1000.123 ms"
IDLE = {"process.cpu": constant(0.1), "pool.active": constant(10), "pool.pending": constant(30)}

CASE = saturated(40, 2200, 55, signals=IDLE, log=(line(WAIT, 900, signature="pg-lock"),))
COUNTER = saturated(40, 2200, 55, signals=IDLE, log=(line("deadlock detected", 1, signature="pg-lock"),))


def test_locks_are_the_root_and_the_pool_their_symptom() -> None:
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S10"
    assert {finding.cause: finding.role for finding in diagnosis.findings}["S07"] == "symptom"


def test_optimistic_locking_waits_for_nobody() -> None:
    assert look(saturated(40, 2200, 55, log=(line("ObjectOptimisticLockingFailureException", 900),))) is None
