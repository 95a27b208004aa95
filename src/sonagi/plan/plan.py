"""A plan: validated, complete, immutable, each value with its origin. And one worker's segment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sonagi.model.result import ScenarioInfo
from sonagi.plan.threshold import Threshold

DEFAULT_TREND_STATS = ("avg", "min", "med", "max", "p(90)", "p(95)")


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How requests are made. Times in seconds."""

    user_agent: str | None = None
    timeout: float = 60.0
    connect_timeout: float = 30.0
    max_redirects: int = 10
    max_body_bytes: int = 256 * 2**20
    discard_response_bodies: bool = False
    no_connection_reuse: bool = False
    no_cookies_reset: bool = False
    insecure_skip_tls_verify: bool = False
    extra_ca: str | None = None


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One workload: an executor, the function it runs, its tags. Times in seconds."""

    name: str
    executor: str
    function: str
    vus: int
    first_vu: int
    """The id of its first user, counted over the whole run from 1."""
    duration: float | None = None
    iterations: int | None = None
    max_duration: float | None = None
    graceful_stop: float = 30.0
    start_time: float = 0.0
    tags: Mapping[str, str] = field(default_factory=dict)
    start: str = "spread"

    @property
    def span(self) -> float:
        """Seconds in which iterations may begin."""
        return self.duration if self.duration is not None else self.max_duration or 0.0

    def start_offset(self, number: int) -> float:
        """When user `number` (from 0) starts, in seconds from the scenario's start: user i of N at
        i/N × min(1 s, a tenth of the time there is), so that users do not march in step."""
        if self.start == "together":
            return 0.0
        # With a short max_duration too, the last user starts well before the end.
        window = min(1.0, self.span / 10) if self.span else 1.0
        return number / self.vus * window

    @property
    def info(self) -> ScenarioInfo:
        """What the report says of it."""
        return ScenarioInfo(
            self.name,
            self.executor,
            self.vus,
            self.iterations,
            self.duration,
            self.max_duration,
            self.graceful_stop,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run needs to know before it starts."""

    script: str
    scenarios: tuple[ScenarioPlan, ...]
    thresholds: tuple[Threshold, ...] = ()
    http: HttpOptions = HttpOptions()
    tags: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    setup_timeout: float = 60.0
    teardown_timeout: float = 60.0
    summary_trend_stats: tuple[str, ...] = DEFAULT_TREND_STATS
    env: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The longest that load can last, in seconds."""
        return max(
            scenario.start_time + scenario.span + scenario.graceful_stop for scenario in self.scenarios
        )

    @property
    def vus(self) -> int:
        """Users of all scenarios."""
        return sum(scenario.vus for scenario in self.scenarios)

    def to_json(self) -> dict[str, Any]:
        """JSON types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        parts = dict(data)
        parts["scenarios"] = tuple(ScenarioPlan(**scenario) for scenario in data["scenarios"])
        parts["thresholds"] = tuple(Threshold(**threshold) for threshold in data["thresholds"])
        parts["http"] = HttpOptions(**data["http"])
        parts["summary_trend_stats"] = tuple(data["summary_trend_stats"])
        return cls(**parts)


@dataclass(frozen=True, slots=True)
class Segment:
    """The share of a plan that worker `index` of `of` carries: striped, so that all shares are alike."""

    index: int = 0
    of: int = 1

    def users(self, scenario: ScenarioPlan) -> range:
        """Numbers (from 0) of the scenario's users that live in this worker."""
        return range(self.index, scenario.vus, self.of)

    def iterations(self, scenario: ScenarioPlan) -> int:
        """This worker's share of iterations that users share. Workers without users get none."""
        holders = min(self.of, scenario.vus)
        return len(range(self.index, scenario.iterations or 0, holders)) if self.index < holders else 0
