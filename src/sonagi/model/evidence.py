"""What is known of one run, by whomever it was made and seen. All that a diagnosis may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sonagi.model.quantity import Quantity, Reading, Unit
from sonagi.model.series import Series, Statistic
from sonagi.model.signals import unit_of
from sonagi.model.traffic import (
    Answers,
    Check,
    Endpoint,
    Event,
    FailureKind,
    Failures,
    Goal,
    LogTemplate,
    Trend,
)

Sense = Literal["client", "seconds", "host", "process", "metrics", "log", "script"]
"""client: totals; seconds: the same second by second; metrics: what the server says of itself."""


@dataclass(frozen=True, slots=True)
class PlannedLoad:
    """One scenario as it was planned. `seconds` is its duration, or the limit of its iterations."""

    name: str
    executor: str
    vus: int
    seconds: float
    iterations: int | None = None
    """Of each user for per-vu-iterations, of all for shared-iterations."""
    grace: float = 30.0
    together: bool = True
    """All users start at one instant, as k6's do."""
    rate: float | None = None
    """Iterations a second that an open model asks for."""
    grows: bool = False
    """Whether there are as many users as it takes, and `vus` is only where that ends."""
    constant_think: float | None = None
    """Seconds that every user sleeps in each iteration, when that is always the same."""

    @property
    def goal(self) -> int | None:
        """Iterations that were asked for, of all users."""
        if self.iterations is None:
            return None
        return self.iterations * (self.vus if self.executor == "per-vu-iterations" else 1)


@dataclass(frozen=True, slots=True)
class ScriptFacts:
    """What a script's text gives away."""

    think: float | None = None
    """Seconds that each iteration sleeps."""
    keys: Mapping[str, int] = field(default_factory=dict)
    """Names of values drawn at random → how many different ones there are."""
    request_bytes: int | None = None
    """How long its one request is on the wire."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run. What is None or missing was not seen, which is never the same as nothing."""

    source: str
    tool: str
    seen: frozenset[Sense] = frozenset({"client"})
    title: str = ""
    """What the document that tells of it calls it."""
    began: float | None = None
    """When load began, in seconds since 1970."""
    loads: tuple[PlannedLoad, ...] = ()
    seconds: float | None = None
    """How long load was made."""
    requests: int | None = None
    failed: int | None = None
    iterations: int | None = None
    interrupted: int | None = None
    dropped: int | None = None
    """Iterations that were planned and never started."""
    vus: tuple[int, int, int] | None = None
    """Active users: last seen, least, most."""
    sent: Reading | None = None
    received: Reading | None = None
    checks: tuple[Check, ...] = ()
    trends: Mapping[str, Trend] = field(default_factory=dict)
    """By metric; with `{expected_response:true}` behind it, of successes alone."""
    rates: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By metric: (trues, total)."""
    counters: Mapping[str, float] = field(default_factory=dict)
    custom: tuple[str, ...] = ()
    """Names of the script's own metrics that are shown as times."""
    goals: tuple[Goal, ...] = ()
    warnings: tuple[tuple[float, str], ...] = ()
    """(second of the run, text) of what the tool itself complained about."""
    endpoints: tuple[Endpoint, ...] = ()
    answers: tuple[Answers, ...] = ()
    failures: tuple[Failures, ...] = ()
    connects: int | None = None
    reused: int | None = None
    """Exchanges on a connection that had served before."""
    exceptions: tuple[tuple[str, int], ...] = ()
    """Exceptions of the script: (what and where, how often)."""
    blocked: tuple[tuple[str, float], ...] = ()
    """Lines of the script that blocked its loop, and for how many ms at most."""
    names: int | None = None
    """How many different names requests had."""
    series_capped: bool = False
    """So many sets of tags that some were put together."""
    signals: Mapping[str, Series] = field(default_factory=dict)
    log: tuple[LogTemplate, ...] = ()
    silences: tuple[tuple[float, float], ...] = ()
    """The longest stretches of 5 s or more in which a log that had been written, and was again, was not:
    (when they began in seconds since 1970, how many seconds they lasted). Of another tool's run with a
    log."""
    events: tuple[Event, ...] = ()
    rows: int | None = None
    """Rows that the requests' query returns, where somebody counted them."""
    script: ScriptFacts = ScriptFacts()
    stamps: str = ""
    """Who stamped the reads: "kernel" or "thread"; "" for another tool's run."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Settings of the run and of the server that rules ask for: `keep_alive`, `show_sql`."""
    timeout: float = 60.0
    connect_timeout: float = 30.0
    unseen: tuple[str, ...] = ()
    """What could not be watched: keys of the catalogue `unseen`, with values behind a bar."""
    before: "Evidence | None" = None
    """The run before it in the same story."""

    def trend(self, name: str) -> Trend:
        """A trend, empty when it was not seen."""
        return self.trends.get(name, Trend())

    def signal(self, name: str) -> Series:
        """A signal, empty when it was not seen."""
        return self.signals.get(name, Series())

    def sees(self, *senses: Sense) -> bool:
        """Whether all of `senses` looked at this run."""
        return self.seen.issuperset(senses)

    def measured(
        self, signal: str, statistic: Statistic, start: float | None = None, end: float | None = None
    ) -> Quantity | None:
        """A statistic of a signal from second `start` to `end` of the run, with how it came about."""
        series = self.signal(signal)
        if not series:
            return None
        start = series.at[0] if start is None else start
        end = series.at[-1] if end is None else end
        value = series.between(start, end).stat(statistic)
        unit: Unit = unit_of(signal)
        how = f"{statistic}({signal})[{start:g}..{end:g}]"
        return None if value is None else Quantity(value, unit, how)

    def failures_of(self, *kinds: FailureKind, status: range = range(1000)) -> int:
        """How many failed for one of `kinds`, with a status in `status`."""
        return sum(one.count for one in self.failures if one.kind in kinds and one.status in status)

    def lines(self, *signatures: str) -> tuple[LogTemplate, ...]:
        """Log templates of `signatures`."""
        return tuple(one for one in self.log if one.signature in signatures)

    @property
    def users(self) -> int:
        """Users that were planned, or the most that were seen."""
        planned = sum(load.vus for load in self.loads)
        return planned or (self.vus[2] if self.vus else 0)

    @property
    def failed_share(self) -> float | None:
        """0 to 1."""
        return self.failed / self.requests if self.failed is not None and self.requests else None

    @property
    def rate(self) -> float | None:
        """Requests a second."""
        return self.requests / self.seconds if self.requests is not None and self.seconds else None

    @property
    def in_flight(self) -> float | None:
        """Requests that the server held at a time, on average (Little: rate × time)."""
        duration = self.trend("http_req_duration").avg
        return self.rate * duration.value / 1000 if self.rate is not None and duration else None
