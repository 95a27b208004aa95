"""What happened in each second of a run, while its samples come in about the order of their times."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sonagi.model.series import Series
from sonagi.readers.distribution import Distribution

LATE = 15
"""Seconds that a sample may come after later ones and still be in its second's percentiles: tools write
in batches, and some when a request began."""
MOST_SECONDS = 50_000
"""Seconds that are told apart: half a day. Beyond, only totals count."""
MOST_KINDS = 10
"""Kinds of request that have signals of their own."""


@dataclass(slots=True)
class Kind:
    """One kind of request in one second."""

    requests: int = 0
    failed: int = 0
    times: Distribution = field(default_factory=Distribution)

    def count(self, requests: int, failed: int) -> None:
        """So many more."""
        self.requests += requests
        self.failed += failed


@dataclass(slots=True)
class Second:
    """All requests of one second."""

    requests: int = 0
    failed: int = 0
    iterations: int = 0
    dropped: int = 0
    received: float = 0.0
    sent: float = 0.0
    vus: float | None = None
    ok_times: Distribution = field(default_factory=Distribution)
    failed_times: Distribution = field(default_factory=Distribution)
    connect_times: Distribution = field(default_factory=Distribution)
    kinds: dict[str, Kind] = field(default_factory=dict)


_COUNTS: dict[str, Callable[[Second], float]] = {
    "load.requests": lambda second: second.requests,
    "load.ok": lambda second: second.requests - second.failed,
    "load.failed": lambda second: second.failed,
    "load.iterations": lambda second: second.iterations,
    "load.late": lambda second: second.dropped,
    "load.connects": lambda second: second.connect_times.count,
    "load.received": lambda second: second.received,
    "load.sent": lambda second: second.sent,
}
_TIMES: dict[str, Callable[[Second], float | None]] = {
    "load.vus": lambda second: second.vus,
    "load.p50": lambda second: _percentile(second.ok_times, 50),
    "load.p95": lambda second: _percentile(second.ok_times, 95),
    "load.failed_p50": lambda second: _percentile(second.failed_times, 50),
    "load.connect_p95": lambda second: _percentile(second.connect_times, 95),
}


class Seconds:
    """Seconds by their number since 1970. Those long past keep one number a signal."""

    def __init__(self) -> None:
        self._open: dict[int, Second] = {}
        self._closed: dict[int, dict[str, float]] = {}
        self._newest = -1
        self._began = float("inf")
        self._ended = float("-inf")
        self._titles: set[str] = set()
        self.seen = {"load.requests", "load.ok", "load.failed"}
        """Counts that the tool tells: without any, one is 0; of others nothing is known."""
        self._spare, self._spare_kind = Second(), Kind()

    def __bool__(self) -> bool:
        return self._ended > float("-inf")

    def began(self, at: float) -> None:
        """Something was under way at `at`."""
        if at < self._began:
            self._began = at

    def at(self, at: float) -> Second:
        """The second in which `at` is."""
        if at > self._ended:
            self._ended = at
        if at < self._began:
            self._began = at
        number = int(at // 1)
        found = self._open.get(number)
        if found is not None:
            return found
        if number > self._newest:
            self._newest = number
            for old in [one for one in self._open if one < number - LATE]:
                self._close(old)
        elif len(self._open) > 2 * LATE:  # times go back and forth: close what was opened first
            self._close(next(iter(self._open)))
        if len(self._closed) + len(self._open) >= MOST_SECONDS and number not in self._closed:
            return self._spare
        return self._open.setdefault(number, Second())

    def kind(self, at: float, title: str) -> Kind:
        """One kind of request in the second of `at`."""
        if title not in self._titles:
            if len(self._titles) >= MOST_KINDS:
                return self._spare_kind
            self._titles.add(title)
        return self.at(at).kinds.setdefault(title, Kind())

    def _close(self, number: int) -> None:
        row = self._closed.setdefault(number, {})
        for signal, value in _row(self._open.pop(number)):
            # A second that was closed too early has its counts put together, and its later percentiles.
            counts = signal.partition("|")[0] in _COUNTS
            row[signal] = row.get(signal, 0.0) + value if counts else value

    def span(self) -> tuple[float, float]:
        """When load began and when the last sample was taken, in seconds since 1970."""
        return (self._began, self._ended) if self else (0.0, 0.0)

    def signals(self, began: float) -> dict[str, Series]:
        """Each signal on the run's clock, a second told when it is over."""
        for number in list(self._open):
            self._close(number)
        names = {name for row in self._closed.values() for name in row}
        unseen = _COUNTS.keys() - self.seen
        if len(self._titles) < 2:  # all of it is one kind
            names = {name for name in names if "|" not in name}
        return {name: self._signal(name, began) for name in sorted(names - unseen)}

    def _signal(self, name: str, began: float) -> Series:
        first, last = min(self._closed), max(self._closed)
        counts = name.partition("|")[0] in _COUNTS
        if counts and last - first < MOST_SECONDS:
            # Nothing is a number too: a second without requests is one in which everything stood still.
            numbers = range(first, last + 1)
            return Series(
                tuple(number + 1 - began for number in numbers),
                tuple(self._closed.get(number, {}).get(name, 0.0) for number in numbers),
            )
        return series({at: row[name] for at, row in self._closed.items() if name in row}, began)


def series(seconds: Mapping[int, float], began: float) -> Series:
    """Seconds since 1970 on a run's clock."""
    numbers = sorted(seconds)
    at = tuple(number + 1 - began for number in numbers)
    return Series(at, tuple(float(seconds[number]) for number in numbers))


def _row(second: Second) -> Iterator[tuple[str, float]]:
    for signal, count in _COUNTS.items():
        yield signal, float(count(second))
    for signal, time in _TIMES.items():
        if (value := time(second)) is not None:
            yield signal, value
    for title, kind in second.kinds.items():
        yield f"load.requests|{title}", float(kind.requests)
        yield f"load.failed|{title}", float(kind.failed)
        for percent in (50, 95):
            if (value := _percentile(kind.times, percent)) is not None:
                yield f"load.p{percent}|{title}", value


def _percentile(times: Distribution, percent: float) -> float | None:
    reading = times.percentile(percent)
    return reading.value if reading else None
