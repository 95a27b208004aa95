"""A pool of database connections that is empty: all in use, and requests that wait for one."""

import re
from dataclasses import dataclass

from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.loglines import numbers
from sonagi.diagnose.signs.processors import under_load
from sonagi.model.evidence import Evidence
from sonagi.model.finding import Proof, Said
from sonagi.model.quantity import Quantity
from sonagi.model.series import Series
from sonagi.model.traffic import LogTemplate

LASTING = 3
"""Seconds in a row in which requests wait: for a moment they do in any burst."""
OFTEN = 0.1
"""Or the share of the run's seconds."""
LINE = re.compile(
    r"Connection is not available, request timed out after|Unable to acquire JDBC Connection"
    r"|QueuePool limit of size|couldn't get a connection after"
    r"|Timeout acquiring a connection|timeout exceeded when trying to connect"
    r"|Timed out fetching a new connection from the connection pool"
)
"""HikariCP and Spring, SQLAlchemy, psycopg, knex, node-postgres, Prisma."""
_HIKARI = re.compile(r"request timed out after")
_SQLALCHEMY = re.compile(r"QueuePool limit of size (\d+) overflow (\d+)")


@dataclass(frozen=True, slots=True)
class EmptyPool:
    """`active` of `maximum` connections in use, `pending` requests waiting at worst."""

    active: Quantity | None
    maximum: Quantity | None
    pending: Quantity | None
    waited: Quantity | None
    """Share of the seconds in which requests waited; None where only the log tells of it."""
    waiting_at: float | None
    lines: tuple[LogTemplate, ...]

    @property
    def onset(self) -> float | None:
        """When the first request had to wait, as far as that was seen."""
        firsts = (self.waiting_at, loglines.onset(self.lines))
        return min((first for first in firsts if first is not None), default=None)

    def level(self, key: str) -> Proof | None:
        """The sentence `key` with the pool's level; None where no level is known."""
        if self.active is None or self.maximum is None:
            return None
        pending = self.pending or Quantity(0, "count", "not in the log")
        values = {"active": self.active, "maximum": self.maximum, "pending": pending}
        return Proof(Said(key, values), "log" if self.waited is None else "metrics", self.onset)


def empty_pool(evidence: Evidence) -> EmptyPool | None:
    """None where no request was seen to wait for a connection."""
    lines = tuple(line for line in loglines.lines(evidence, LINE) if not _is_empty(line))
    start, share = _waiting(evidence)
    if start is None:
        return _from_log(lines) if lines else None
    end = under_load(evidence, "pool.pending").at[-1]
    return EmptyPool(
        evidence.measured("pool.active", "max", start, end),
        evidence.measured("pool.max", "last"),
        evidence.measured("pool.pending", "max", start, end),
        share,
        start,
        lines,
    )


def _waiting(evidence: Evidence) -> tuple[float | None, Quantity | None]:
    """Since when requests waited while all connections were in use, and in how many of the seconds."""
    most = evidence.signal("pool.max").stat("last")
    active, pending = dict(evidence.signal("pool.active")), under_load(evidence, "pool.pending")
    if not most or not pending:
        return None, None
    waits = Series(
        pending.at, tuple(float(value >= 1 and active.get(at, most) >= most) for at, value in pending)
    )
    share = waits.share(bool)
    start = waits.first_at(bool, lasting=LASTING)
    if start is None and share >= OFTEN and sum(waits.values) >= LASTING:
        start = waits.first_at(bool)
    if start is None:
        start = _last_seen(waits, evidence.seconds)
    if start is None:
        return None, None
    span = f"[{waits.at[0]:g}..{waits.at[-1]:g}]"
    how = f"share of seconds with pool.pending >= 1 and pool.active >= pool.max {span}"
    return start, Quantity(share, "share", how)


def _last_seen(waits: Series, seconds: float | None) -> float | None:
    """Since when requests waited, when that is the last that the server told before it fell silent."""
    if seconds is None or waits.at[-1] > seconds - LASTING or not waits.values[-1]:
        return None
    start = len(waits)
    while start and waits.values[start - 1]:
        start -= 1
    return waits.at[start]


def _from_log(lines: tuple[LogTemplate, ...]) -> EmptyPool:
    """The level that the lines themselves tell."""
    for template in lines:
        for values in template.values:
            read = numbers(values)
            if _HIKARI.search(template.sample) and len(read) == 5:
                rows = [row for row in map(numbers, template.values) if len(row) == 5 and row[1]]
                worst = max(rows, key=_last)
                return _level(worst[2], worst[1], worst[4], lines, "(total, active, waiting) of the log")
            if _SQLALCHEMY.search(template.sample) and len(read) >= 2:
                size = read[0] + read[1]
                return _level(size, size, None, lines, "size + overflow of the log")
    return EmptyPool(None, None, None, None, None, lines)


def _is_empty(template: LogTemplate) -> bool:
    """Whether the pool never had a connection: then it is not full, the database could not be reached."""
    rows = [row for row in map(numbers, template.values) if len(row) == 5]
    return bool(_HIKARI.search(template.sample) and rows) and all(row[1] == 0 for row in rows)


def _level(
    active: float, total: float, waiting: float | None, lines: tuple[LogTemplate, ...], how: str
) -> EmptyPool:
    pending = None if waiting is None else Quantity(waiting, "count", how)
    return EmptyPool(
        Quantity(active, "count", how), Quantity(total, "count", how), pending, None, None, lines
    )


def _last(row: tuple[float, ...]) -> float:
    return row[-1]


def held(evidence: Evidence, pool: EmptyPool) -> Quantity | None:
    """How long a request keeps a connection: as the pool says, else by Little's law, connections / answers
    a second while all were in use."""
    if pool.waiting_at is not None:
        told = evidence.measured(
            "pool.held", "mean", pool.waiting_at, under_load(evidence, "pool.pending").at[-1]
        )
        if told is not None and told.value > 0:
            return Quantity(told.value / 1000, "s", f"{told.how} / 1000")
    if pool.maximum is None or pool.waiting_at is None:
        return None
    answered = evidence.signal("load.ok").between(pool.waiting_at, evidence.seconds or float("inf"))
    rate = answered.stat("mean")
    if not rate:
        return None
    how = f"{pool.maximum.how} / mean(load.ok)[{answered.at[0]:g}..{answered.at[-1]:g}]"
    return Quantity(pool.maximum.value / rate, "s", how)
