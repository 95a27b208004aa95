"""Locust's `*_stats_history.csv`: totals so far and a moving window, at most once a second."""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from sonagi.model.series import Series
from sonagi.readers.names import grouped
from sonagi.readers.numbers import finite

MOST_KINDS = 10
MOST_ROWS = 200_000
"""Rows of one kind of request that are kept: more than two days."""
_Row = tuple[float, float, float, float | None, float | None]
"""(time, requests so far, failures so far, p50 and p95 of the last ten seconds)"""


class History:
    """Its rows, kept by kind of request as a few numbers each."""

    def __init__(self) -> None:
        self.last: Mapping[str, str] = {}
        """The latest row of all requests together."""
        self._rows: dict[tuple[str, str], list[_Row]] = {}
        self._users: list[tuple[float, float]] = []

    def __bool__(self) -> bool:
        return len(self._users) > 1

    def take(self, row: Mapping[str, str]) -> None:
        """One more row, in the order of the file."""
        at, requests, failures = (
            finite(row.get(name)) for name in ("Timestamp", "Total Request Count", "Total Failure Count")
        )
        if at is None or requests is None or failures is None:
            return
        kind = (row.get("Type", ""), row.get("Name", ""))
        if kind not in self._rows and len(self._rows) > MOST_KINDS:
            return
        if kind[1] == "Aggregated":
            self.last = row
            users = finite(row.get("User Count"))
            if users is not None and (not self._users or at > self._users[-1][0]):
                self._users.append((at, users))
        moving = bool(finite(row.get("Requests/s")))
        p50, p95 = (finite(row.get(name)) if moving else None for name in ("50%", "95%"))
        rows = self._rows.setdefault(kind, [])
        if len(rows) < MOST_ROWS and (not rows or at > rows[-1][0]):
            rows.append((at, requests, failures, p50, p95))

    @property
    def began(self) -> float | None:
        """When its first row was written, in seconds since 1970."""
        return self._users[0][0] if self else None

    @property
    def seconds(self) -> float | None:
        """From the first row to the last."""
        return self._users[-1][0] - self._users[0][0] if self else None

    @property
    def users(self) -> tuple[int, int, int] | None:
        """Last, least and most."""
        counts = [round(users) for _, users in self._users]
        if len(counts) > 1 and not counts[0]:  # a row is written before the first user is there
            del counts[0]
        return (counts[-1], min(counts), max(counts)) if counts else None

    def signals(self) -> dict[str, Series]:
        """What a second was like: counts by the differences of totals, percentiles of the last ten."""
        if not self:
            return {}
        signals = {"load.vus": self._series(self._users)}
        several = len(self._rows) > 2  # with one kind, all is that
        for (method, name), rows in self._rows.items():
            if name == "Aggregated":
                behind = ""
            elif several:
                behind = f"|{method} {grouped(name)}"
            else:
                continue
            requests, failed = self._grown(rows, 1), self._grown(rows, 2)
            signals[f"load.requests{behind}"] = self._series(requests)
            signals[f"load.failed{behind}"] = self._series(failed)
            signals[f"load.p50{behind}"] = self._series((row[0], row[3]) for row in rows)
            signals[f"load.p95{behind}"] = self._series((row[0], row[4]) for row in rows)
            if not behind:
                pairs = zip(requests, failed, strict=True)
                signals["load.ok"] = self._series((at, all_ - bad) for (at, all_), (_, bad) in pairs)
        return {signal: series for signal, series in signals.items() if series}

    def failed_in(self, method: str, name: str) -> Series:
        """Failures of one kind of request by second; empty where the history has only all together."""
        return self._series(self._grown(self._rows.get((method, name), []), 2))

    def _series(self, pairs: Iterable[tuple[float, float | None]]) -> Series:
        began = self.began or 0.0
        told = [(at - began, value) for at, value in pairs if value is not None]
        return Series(tuple(at for at, _ in told), tuple(value for _, value in told))

    def _grown(self, rows: list[_Row], column: int) -> list[tuple[float, float]]:
        """How much a total grew a second from row to row. One that is first told later began at nothing."""
        if not rows:
            return []
        began = self.began if self.began is not None else rows[0][0]
        told = [(row[0], row[1] if column == 1 else row[2]) for row in rows]
        if told[0][0] > began:
            told.insert(0, (max(at for at, _ in self._users if at < told[0][0]), 0.0))
        # A total that falls was reset, when all users were there (--reset-stats).
        return [(b[0], max(b[1] - a[1], 0.0) / (b[0] - a[0])) for a, b in pairwise(told)]
