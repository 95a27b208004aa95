"""Slow queries, as far as a log tells of them: PostgreSQL's `duration:`, MySQL's slow log, Hibernate's and
others' slow-query lines."""

import re
from dataclasses import dataclass
from statistics import median

from sonagi.diagnose.signs import loglines
from sonagi.diagnose.signs.loglines import numbers
from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Quantity
from sonagi.model.traffic import LogTemplate

SLOW = 0.1
"""Seconds from which on a query is slow: a log may hold every query there was."""
_POSTGRES = re.compile(r"duration: ([\d.]+) ms")
_MYSQL = re.compile(r"Query_time: ([\d.]+)\s+Lock_time: ([\d.]+)\s+Rows_sent: (\d+)\s+Rows_examined: (\d+)")
_OTHERS = re.compile(r"(?i)\bslow[ _-]?query\b\D{0,40}?([\d.]+) ?(ms|milliseconds|s\b|sec)")
LINE = re.compile("|".join(pattern.pattern for pattern in (_POSTGRES, _MYSQL)) + r"|(?i:\bslow[ _-]?query\b)")
UNUSED = 100.0
"""Rows examined for each row sent, from which on an index is missing."""


@dataclass(frozen=True, slots=True)
class SlowQueries:
    """`count` slow ones took `typical` and at most `longest`; together they kept `busy` connections in use,
    on average over the run."""

    lines: tuple[LogTemplate, ...]
    count: Quantity
    typical: Quantity
    longest: Quantity
    busy: Quantity
    sent: Quantity | None
    """Rows that one returned, and how many were read for it; None where the log does not say."""
    examined: Quantity | None

    @property
    def scans(self) -> bool:
        """Whether far more rows are read than returned."""
        if self.sent is None or self.examined is None:
            return False
        return self.examined.value >= UNUSED * max(self.sent.value, 1)


def slow_queries(evidence: Evidence) -> SlowQueries | None:
    """None where the log tells of none, or there is no log of that kind."""
    lines = loglines.lines(evidence, LINE)
    read = [(template, row) for template in lines for row in _rows(template)]
    slow = [row for _, row in read if row[0] >= SLOW]
    if not slow or not evidence.seconds:
        return None
    # Values are of the first lines only: the others are taken to be as often slow as those.
    count = loglines.count(lines) * len(slow) / len(read)
    where = f" where log.duration >= {SLOW:g}"
    what = f"(log.duration{where})"
    times = [row[0] for row in slow]
    typical = median(times)
    rows = [row for row in slow if len(row) == 3]
    return SlowQueries(
        lines,
        Quantity(round(count), "count", f"round(count{what})"),
        Quantity(typical, "s", f"median{what}"),
        Quantity(max(times), "s", f"max{what}"),
        Quantity(count * typical / evidence.seconds, "count", f"count{what} * median{what} / seconds"),
        Quantity(median(row[1] for row in rows), "count", f"median(log.rows_sent{where})") if rows else None,
        Quantity(median(row[2] for row in rows), "count", f"median(log.rows_examined{where})")
        if rows
        else None,
    )


def _rows(template: LogTemplate) -> list[tuple[float, ...]]:
    """Of each line: seconds, and where it tells them rows sent and examined."""
    caught = template.values or ((),)
    if _MYSQL.search(template.sample):
        read = [row for row in map(numbers, caught) if len(row) >= 4]
        read = read or [
            tuple(map(float, found.groups())) for found in [_MYSQL.search(template.sample)] if found
        ]
        return [(row[0], row[2], row[3]) for row in read]
    if _POSTGRES.search(template.sample):
        read = [row for row in map(numbers, caught) if row]
        read = read or [(float(found[1]),) for found in [_POSTGRES.search(template.sample)] if found]
        return [(row[-1] / 1000,) for row in read]
    found = _OTHERS.search(template.sample)
    return [(float(found[1]) * (1e-3 if found[2].startswith("m") else 1),)] if found else []
