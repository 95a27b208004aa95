"""Locust's statistics: the set of CSV files that `--csv` writes, any of which may be missing."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any

from sonagi.model.evidence import Evidence, Sense
from sonagi.model.quantity import Reading
from sonagi.model.secrecy import without_secrets
from sonagi.model.series import Series
from sonagi.model.traffic import Endpoint, FailureKind, Failures, Trend
from sonagi.readers import failing
from sonagi.readers.csv_rows import table
from sonagi.readers.locust_history import History
from sonagi.readers.names import grouped
from sonagi.readers.numbers import finite, rounded

PARTS: dict[str, tuple[str, ...]] = {
    "stats": ("Type", "Name", "Request Count", "Failure Count"),
    "stats_history": ("Timestamp", "User Count", "Type", "Name"),
    "failures": ("Method", "Name", "Error", "Occurrences"),
    "exceptions": ("Count", "Message", "Traceback"),
}
"""The files of a set by the ends of their names, and how their first lines begin."""
MOST_ROWS = 1000
MIXED = 0.01
"""Share of failures below which the times of a name, which Locust doesn't tell apart, are of successes."""


class LocustRun:
    """One set of files."""

    def __init__(self) -> None:
        self.history = History()
        self._stats: list[Mapping[str, str]] = []
        self._failures: list[Mapping[str, str]] = []
        self._exceptions: list[Mapping[str, str]] = []

    def __bool__(self) -> bool:
        """Whether it tells of requests: failures alone don't say of how many."""
        return bool(self._stats or self.history)

    def take(self, part: str, lines: Iterable[bytes]) -> None:
        """One file of the set, its head first."""
        head, found = table(lines)
        for row in found:
            told = dict(zip(head, row, strict=False))
            if part == "stats_history":
                self.history.take(told)
                continue
            kept = {"stats": self._stats, "failures": self._failures, "exceptions": self._exceptions}[part]
            if len(row) > 1 and len(kept) < MOST_ROWS:
                kept.append(told)

    def evidence(self, source: str) -> Evidence:
        """The run. Its requests have no timeout unless the script sets one; durations include connecting."""
        total = next((row for row in self._stats if row.get("Name") == "Aggregated"), self.history.last)
        requests, failed = _count(total, "Request Count"), _count(total, "Failure Count")
        rate = finite(total.get("Requests/s"))
        seconds = self.history.seconds or (requests / rate if requests and rate else None)
        duration = _trend(total, requests)
        trends = {"http_req_duration": duration}
        if not failed:
            trends["http_req_duration{expected_response:true}"] = duration
        size = finite(total.get("Average Content Size", total.get("Total Average Content Size")))
        facts: dict[str, Any] = {
            "began": self.history.began,
            "seconds": seconds,
            "requests": requests,
            "failed": failed,
            "vus": self.history.users,
            "received": Reading.exact(size * requests) if size is not None and requests else None,
            "trends": trends,
            "rates": {"http_req_failed": (failed, requests)}
            if requests is not None and failed is not None
            else {},
            "endpoints": tuple(self._endpoints()),
            "failures": tuple(self._all_failures()),
            "exceptions": tuple(self._all_exceptions()),
            "signals": self.history.signals(),
        }
        seen: set[Sense] = {"client", "seconds"} if self.history else {"client"}
        names = len(facts["endpoints"]) or None
        return Evidence(
            source, "locust", frozenset(seen), names=names, timeout=inf, connect_timeout=inf, **facts
        )

    def _endpoints(self) -> Iterable[Endpoint]:
        for row in self._stats:
            requests, failed = _count(row, "Request Count"), _count(row, "Failure Count")
            if row.get("Name") == "Aggregated" or requests is None or failed is None:
                continue
            trend = _trend(row, requests)
            ok = trend if failed <= MIXED * requests else Trend()
            bad = trend if failed == requests and failed else Trend()
            yield Endpoint(row.get("Type", ""), grouped(row.get("Name", "")), requests, failed, ok, bad)

    def _all_failures(self) -> Iterable[Failures]:
        for row in self._failures:
            count, error = _count(row, "Occurrences"), row.get("Error", "")
            if not count:
                continue
            kind, status = failing.of_text(error), failing.status_in(error)
            method, name = row.get("Method", ""), grouped(row.get("Name", ""))
            seconds = self.history.failed_in(method, row.get("Name", ""))
            alone = sum(other.get("Name") == row.get("Name") for other in self._failures) == 1
            by_second = seconds if alone else Series()
            text = failing.plainly(error)
            if kind is FailureKind.STATUS:
                yield Failures(kind, method, name, count, status, text=text, by_second=by_second)
            else:
                yield Failures(kind, method, name, count, text=text, by_second=by_second)

    def _all_exceptions(self) -> Iterable[tuple[str, int]]:
        for row in self._exceptions:
            count = _count(row, "Count")
            if count:
                lines = row.get("Traceback", "").strip().splitlines()
                places = [line.strip() for line in lines if line.strip().startswith("File ")]
                where = places[-1] if places else ""
                yield without_secrets(f"{row.get('Message', '')} ({where})")[: failing.LONGEST], count


def _trend(row: Mapping[str, str], count: int | None) -> Trend:
    """Percentiles are of times that were rounded; mean and extremes are exact."""
    percentiles = {
        float(name[:-1]): rounded(value)
        for name, text in row.items()
        if name
        and name.endswith("%")
        and finite(name[:-1]) not in (None, 100.0)
        and (value := finite(text)) is not None
    }
    shown = {
        key: finite(row.get(f"{name} Response Time", row.get(f"Total {name} Response Time")))
        for key, name in (("avg", "Average"), ("min", "Min"), ("med", "Median"), ("max", "Max"))
    }
    exact = {key: None if value is None else Reading.exact(value) for key, value in shown.items()}
    middle = shown["med"]
    median = rounded(middle) if middle is not None else None
    return Trend(exact["avg"], exact["min"], median, exact["max"], percentiles, count)


def _count(row: Mapping[str, str], name: str) -> int | None:
    value = finite(row.get(name, row.get(f"Total {name}")))
    return None if value is None else round(value)
