"""What is known at the end of a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sonagi.model.measurements import Measurements

if TYPE_CHECKING:
    # Every worker has this module and none of them a use for those: 15 ms before the first request.
    from sonagi.model.evidence import Evidence
    from sonagi.model.finding import Diagnosis


@dataclass(frozen=True, slots=True)
class ScenarioInfo:
    """A scenario as it was planned. Times in seconds."""

    name: str
    executor: str
    vus: int
    iterations: int | None
    duration: float | None
    max_duration: float | None
    graceful_stop: float
    stages: tuple[tuple[float, int], ...] = ()
    starts_at: float = 0.0
    """After the start of the run, at the latest."""
    iterations_asked: int | None = None
    """Of all users; None when it asks for time."""
    rates: tuple[tuple[float, float], ...] = ()
    """Of an open model: (seconds, starts a second at their end)."""
    starts: int | None = None
    """Of a replayed log: how many."""
    drops: bool = False
    """Of an open model: whether a start for which no user is free is dropped."""
    sessions: bool = False

    @property
    def span(self) -> float:
        """Seconds in which iterations may begin."""
        if self.stages or self.rates:
            return sum(seconds for seconds, _ in self.stages or self.rates)
        return self.duration if self.duration is not None else self.max_duration or 0.0


@dataclass(frozen=True, slots=True)
class ThresholdResult:
    """A threshold at the end. Without samples it is not met: no data is never a pass."""

    metric: str
    tags: Mapping[str, str]
    source: str
    aggregation: str
    observed: float | None
    """Of a threshold over a window: in the worst window."""
    ok: bool
    budget_used: float | None = None
    """Of the failures that a rate below a limit allows, which share there was; may be above 1."""

    @property
    def no_data(self) -> bool:
        return self.observed is None

    @property
    def name(self) -> str:
        """As k6 writes it: `http_req_duration{status:200}`."""
        inside = ",".join(f"{key}:{value}" for key, value in self.tags.items())
        return f"{self.metric}{{{inside}}}" if inside else self.metric


@dataclass(frozen=True, slots=True)
class ScriptError:
    """Exceptions of one kind from one place in the script."""

    kind: str
    message: str
    place: str
    traceback: str
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know: a key of the catalogue and its values."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GeneratorInfo:
    """What the load cost the machine that made it. `stamps` is whose clock stamped the reads."""

    cpu_seconds: float = 0.0
    cpu_share: float = 0.0
    rss_bytes: int = 0
    stamps: str = "thread"


@dataclass(frozen=True, slots=True)
class Result:
    """A run that is over. `seconds` reaches from before setup to after teardown, as k6's rates count."""

    script: str
    scenarios: tuple[ScenarioInfo, ...]
    started: datetime
    seconds: float
    measurements: Measurements
    thresholds: tuple[ThresholdResult, ...] = ()
    errors: tuple[ScriptError, ...] = ()
    notices: tuple[Notice, ...] = ()
    samples: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    """How the first failed answer of a kind began, by (method, name, status)."""
    iterations_full: int = 0
    iterations_interrupted: int = 0
    stopped_by: str = "finished"
    exit_code: int = 0
    generator: GeneratorInfo = GeneratorInfo()
    setup_data: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    trend_stats: tuple[str, ...] = ("avg", "min", "med", "max", "p(90)", "p(95)")
    evidence: "Evidence | None" = None
    """What the run looked like from both sides, by second."""
    diagnosis: "Diagnosis | None" = None
    """What that means; None where nobody asked."""
    run_id: str | None = None
    """Under which it is kept in the store."""

    @property
    def passed(self) -> bool:
        """Whether the run went through and every threshold was met."""
        return self.exit_code == 0

    def p(self, percent: float, metric: str = "http_req_duration", **tags: str) -> float:
        """A percentile of a trend; NaN when nothing was measured. Times are seconds, as all times that
        are numbers in Python: `assert result.p(95) < 0.2`."""
        trend = self.measurements.trend(metric, tags)
        if trend is None:
            return float("nan")
        contains = {name: contains for name, _, contains in self.measurements.metrics()}[metric]
        value = trend.percentile(percent)
        return value / 1000 if contains == "time" else value

    def count(self, metric: str, **tags: str) -> float:
        """The sum of a counter; 0 when nothing was measured."""
        return self.measurements.counter(metric, tags) or 0.0

    def share(self, metric: str, **tags: str) -> float:
        """How often a rate was true, 0 to 1; NaN when nothing was measured."""
        rate = self.measurements.rate(metric, tags)
        return rate[0] / rate[1] if rate and rate[1] else float("nan")
