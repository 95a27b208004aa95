"""A log that goes over several runs tells each of them what was written in its time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from cases import healthy

from sonagi.diagnose.signs.pool import empty_pool
from sonagi.model.evidence import Evidence
from sonagi.readers.logs import LogBook

FIRST = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(hours=2)


def full(at: datetime, size: int, waiting: int) -> str:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return (
        f"{stamp} ERROR HikariPool-1 - Connection is not available, request timed out after 30001ms "
        f"(total={size}, active={size}, idle=0, waiting={waiting})"
    )


def run(began: datetime) -> Evidence:
    return replace(healthy(), began=began.timestamp(), seconds=60.0, signals={}, seen=frozenset({"client"}))


def test_what_an_earlier_run_s_lines_say_is_not_said_of_a_later_one() -> None:
    book = LogBook("server.log")
    early = [full(FIRST + timedelta(seconds=number), 10, 190) for number in range(30)]
    late = [full(SECOND + timedelta(seconds=20), 50, 3)]
    book.feed_lines([*early, *late])
    levels = []
    for began in (FIRST, SECOND):
        pool = empty_pool(book.added_to(run(began)))
        assert pool is not None and pool.maximum is not None and pool.pending is not None
        levels.append((pool.maximum.value, pool.pending.value))
    assert levels == [(10, 190), (50, 3)]
