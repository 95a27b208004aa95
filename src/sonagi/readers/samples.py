"""A run that is told sample by sample, put together while it is read, in constant memory."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sonagi.model.evidence import Evidence
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Check, Endpoint, FailureKind, Failures
from sonagi.readers.distribution import Distribution
from sonagi.readers.seconds import Seconds, series

MOST_ENDPOINTS = 200
MOST_FAILURES = 200
MOST_NAMES = 200_000
"""Names of requests that are counted apart."""
MOST_CHECKS = 500
OTHER = "(other)"
"""Where requests go whose names are too many, as in Sonagi's own runs."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A kind of request and how it ended. `kind` is None for a success."""

    method: str
    name: str
    kind: FailureKind | None = None
    status: int = 0
    code: int = 0
    text: str = ""

    @property
    def title(self) -> str:
        return f"{self.method} {self.name}".strip()


@dataclass(slots=True)
class _Endpoint:
    requests: int = 0
    failed: int = 0
    ok: Distribution = field(default_factory=Distribution)
    bad: Distribution = field(default_factory=Distribution)


@dataclass(slots=True)
class _Failures:
    count: int = 0
    seconds: Counter[int] = field(default_factory=Counter)
    duration: Distribution = field(default_factory=Distribution)


class Samples:
    """Samples of one run; `at` are seconds since 1970, times in ms, sizes in bytes."""

    def __init__(self) -> None:
        self.seconds = Seconds()
        self.trends: dict[str, Distribution] = {}
        self.counters: Counter[str] = Counter()
        self.rates: dict[str, list[int]] = {}
        self.checks: dict[str, list[int]] = {}
        self.custom: set[str] = set()
        self.connects: int | None = None
        self.reused: int | None = None
        self._vus: list[float] = []
        self._names: set[int] = set()
        self._endpoints: dict[tuple[str, str], _Endpoint] = {}
        self._failures: dict[Exchange, _Failures] = {}
        self._answers: dict[tuple[str, str, int], Distribution] = {}

    def named(self, name: str) -> None:
        """A request had this name, as it was sent: with ids that `Exchange.name` leaves out."""
        if len(self._names) < MOST_NAMES:
            self._names.add(hash(name))

    def answered(self, at: float, exchange: Exchange, count: int = 1) -> None:
        """Requests that were over at `at`."""
        endpoint, failed = self._endpoint(exchange), 0 if exchange.kind is None else count
        endpoint.requests += count
        endpoint.failed += failed
        self.counters["http_reqs"] += count
        second = self.seconds.at(at)
        second.requests += count
        second.failed += failed
        self.seconds.kind(at, exchange.title).count(count, failed)
        if failed:
            failures = self._failing(exchange)
            failures.count += count
            failures.seconds[int(at // 1)] += count

    def took(self, at: float, exchange: Exchange, duration: float) -> None:
        """How long one of them took."""
        self.seconds.began(at - duration / 1000)
        self.trend("http_req_duration", duration)
        endpoint, second = self._endpoint(exchange), self.seconds.at(at)
        if exchange.kind is None:
            self.trend("http_req_duration{expected_response:true}", duration)
            endpoint.ok.add(duration)
            second.ok_times.add(duration)
            self.seconds.kind(at, exchange.title).times.add(duration)
            return
        endpoint.bad.add(duration)
        second.failed_times.add(duration)
        self._failing(exchange).duration.add(duration)

    def connected(self, at: float, connecting: float) -> None:
        """A request had a connection; 0 when it was there before."""
        self.trend("http_req_connecting", connecting)
        if connecting > 0:
            self.connects = (self.connects or 0) + 1
            self.seconds.at(at).connect_times.add(connecting)
        else:
            self.reused = (self.reused or 0) + 1

    def sized(self, exchange: Exchange, size: float) -> None:
        """How many bytes an answer had."""
        key = (exchange.method, exchange.name, exchange.status)
        if key in self._answers or len(self._answers) < MOST_ENDPOINTS:
            self._answers.setdefault(key, Distribution()).add(size)

    def users(self, at: float, vus: float) -> None:
        """So many users were active."""
        self._vus = [vus, min(vus, self._vus[1]), max(vus, self._vus[2])] if self._vus else [vus] * 3
        self.seconds.at(at).vus = vus

    def trend(self, metric: str, value: float) -> None:
        """A value of a metric whose time doesn't matter."""
        distribution = self.trends.get(metric)
        if distribution is None:
            if len(self.trends) >= MOST_ENDPOINTS:
                return
            distribution = self.trends[metric] = Distribution()
        distribution.add(value)

    def rate(self, metric: str, held: bool) -> None:
        """A value of a rate."""
        self._tally(self.rates, metric, held)

    def check(self, name: str, held: bool) -> None:
        """A check was made."""
        self._tally(self.rates, "checks", held)
        self._tally(self.checks, name, held)

    def _tally(self, where: dict[str, list[int]], name: str, held: bool) -> None:
        if name in where or len(where) < MOST_CHECKS:
            counts = where.setdefault(name, [0, 0])
            counts[0] += held
            counts[1] += 1

    def _endpoint(self, exchange: Exchange) -> _Endpoint:
        key = (exchange.method, exchange.name)
        found = self._endpoints.get(key)
        if found is None:
            if len(self._endpoints) >= MOST_ENDPOINTS:
                key = ("", OTHER)
            found = self._endpoints.setdefault(key, _Endpoint())
        return found

    def _failing(self, exchange: Exchange) -> _Failures:
        found = self._failures.get(exchange)
        if found is None:
            if len(self._failures) >= MOST_FAILURES:
                exchange = Exchange("", OTHER, exchange.kind, exchange.status, exchange.code)
            found = self._failures.setdefault(exchange, _Failures())
        return found

    def evidence(self, source: str, tool: str, **more: Any) -> Evidence:
        """All of it."""
        began, ended = self.seconds.span()
        requests = self.counters["http_reqs"]
        failed = sum(endpoint.failed for endpoint in self._endpoints.values())
        vus = self._vus
        facts: dict[str, Any] = {
            "seen": frozenset({"client", "seconds"}),
            "began": began,
            "seconds": ended - began,
            "requests": requests,
            "failed": failed,
            "iterations": self.counters.get("iterations"),
            "dropped": self.counters.get("dropped_iterations"),
            "vus": (round(vus[0]), round(vus[1]), round(vus[2])) if vus else None,
            "sent": self._bytes("data_sent"),
            "received": self._bytes("data_received"),
            "checks": tuple(Check(name, held, total - held) for name, (held, total) in self.checks.items()),
            "trends": {name: one.trend() for name, one in self.trends.items()},
            "rates": {
                "http_req_failed": (failed, requests),
                **{name: (held, total) for name, (held, total) in self.rates.items()},
            },
            "counters": {name: float(count) for name, count in self.counters.items()},
            "custom": tuple(sorted(self.custom & self.trends.keys())),
            "endpoints": self._all_endpoints(),
            "answers": self._all_answers(),
            "failures": self._all_failures(began),
            "connects": self.connects,
            "reused": self.reused,
            "names": len(self._names) or None,
            "signals": self.seconds.signals(began),
        }
        return Evidence(source=source, tool=tool, **{**facts, **more})

    def _bytes(self, counter: str) -> Reading | None:
        return Reading.exact(float(self.counters[counter])) if counter in self.counters else None

    def _all_endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(
            Endpoint(method, name, one.requests, one.failed, one.ok.trend(), one.bad.trend())
            for (method, name), one in self._endpoints.items()
        )

    def _all_answers(self) -> tuple[Answers, ...]:
        return tuple(
            Answers(method, name, status, sizes.count, sizes.trend())
            for (method, name, status), sizes in self._answers.items()
        )

    def _all_failures(self, began: float) -> tuple[Failures, ...]:
        return tuple(
            Failures(
                exchange.kind or FailureKind.OTHER,
                exchange.method,
                exchange.name,
                one.count,
                exchange.status,
                exchange.code,
                text=exchange.text,
                by_second=series(one.seconds, began),
                duration=one.duration.trend(),
            )
            for exchange, one in self._failures.items()
            if one.count
        )
