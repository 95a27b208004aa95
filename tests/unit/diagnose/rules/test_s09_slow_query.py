"""Slow queries that keep connections in use are the cause of a pool that is empty; a slow one now and then is not."""

from dataclasses import replace

from cases import constant, healthy
from stories import line, saturated

from sonagi.diagnose.diagnosis import diagnose
from sonagi.diagnose.rules.server.s09_slow_query import look
from sonagi.model.finding import Role
from sonagi.report.said import say

DURATION = "LOG:  duration: 480.211 ms  statement: SELECT * FROM seat WHERE schedule_id = 4711"
QUEUE = "QueuePool limit of size 5 overflow 0 reached, connection timed out, timeout 30.00"
SLOW = line(DURATION, 600, signature="pg", values=tuple(("", f"{470 + at}.2") for at in range(20)))
POOL = {
    "pool.active": constant(5),
    "pool.max": constant(5),
    "pool.pending": constant(40),
    "process.cpu": constant(0.2),
}

CASE = saturated(50, 4800, 470, signals=POOL, failed=300, log=(SLOW, line(QUEUE, 300, at=32.0)))
# The database logs every query, and one took 300 ms.
COUNTER = saturated(
    100,
    800,
    8,
    log=(
        line(
            "LOG:  duration: 1.201 ms  statement: SELECT 1",
            5000,
            values=(("", "1.2"),) * 99 + (("", "300.0"),),
        ),
    ),
)


def test_the_query_is_the_root_and_the_pool_its_symptom_though_its_errors_are_louder() -> None:
    diagnosis = diagnose(CASE)
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S09"
    assert {finding.cause: finding.role for finding in diagnosis.findings}["S07"] is Role.SYMPTOM
    assert "480 ms each" in say(diagnosis.root.title)


def test_rows_read_for_few_returned_mean_a_missing_index() -> None:
    sample = "# Query_time: 2.314 Lock_time: 0.000 Rows_sent: 50 Rows_examined: 2000000"
    mysql = line(sample, 300, signature="mysql-slow", values=(("2.314", "0.000", "50", "2000000"),))
    finding = look(replace(CASE, log=(mysql,)))
    assert finding is not None
    assert "2,000,000 rows read for 50 returned" in "".join(say(proof.said) for proof in finding.evidence)


def test_queries_that_return_a_million_rows_are_another_cause() -> None:
    sample = "# Query_time: 2.314 Lock_time: 0.000 Rows_sent: 1000016 Rows_examined: 1000016"
    mysql = line(sample, 300, signature="mysql-slow", values=(("2.314", "0.000", "1000016", "1000016"),))
    assert look(replace(CASE, log=(mysql,))) is None
    diagnosis = diagnose(replace(CASE, log=(mysql,)))
    assert diagnosis.root is not None
    assert diagnosis.root.cause == "S11"


def test_slow_query_lines_of_applications_are_read() -> None:
    hibernate = line("org.hibernate.SQL_SLOW : SlowQuery: 523 milliseconds. SQL: 'select …'", 600)
    finding = look(replace(CASE, log=(hibernate,)))
    assert finding is not None
    assert finding.evidence[0].said.values["typical"].value == 0.523


def test_a_report_of_five_seconds_once_in_a_while_is_no_cause() -> None:
    assert look(replace(CASE, log=(line(DURATION, 2, values=(("", "5000.0"),)),))) is None


def test_somebody_else_s_work_on_the_host_beside_an_empty_pool_is_taken_for_the_database() -> None:
    busy = replace(CASE, log=(), failed=0, signals={**CASE.signals, "host.cpu": constant(0.95)})
    finding = look(busy)
    assert finding is not None
    assert finding.title.key == "database.s09_title_busy"
    assert 0.5 <= finding.confidence <= 0.75
    without_pool = look(replace(busy, signals={**busy.signals, "pool.pending": constant(0)}))
    assert without_pool is not None
    assert without_pool.confidence < 0.5


def test_slow_queries_that_hurt_nobody_are_not_told() -> None:
    assert look(healthy(log=(SLOW,))) is None
