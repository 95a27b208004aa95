"""A plan: validated, complete, immutable, each value with its origin."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sonagi.model.result import ScenarioInfo
from sonagi.plan.segment import Segment
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
    http_version: str = "auto"
    http2_connections: int = 1
    tls_version: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)
    block_hostnames: Sequence[str] = ()
    blacklist_ips: Sequence[str] = ()
    proxy: str | None = None
    no_proxy: Sequence[str] = ()
    local_ips: Sequence[str] = ()
    dns_ttl: float = 300.0
    dns_select: str = "random"
    dns_policy: str = "preferIPv4"
    throw: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `Plan.to_json` made of it."""
        names = ("block_hostnames", "blacklist_ips", "no_proxy", "local_ips")
        lists = {name: tuple(data[name]) for name in names}
        return cls(**{**data, **lists})


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One workload: an executor, the function it runs, its tags. Times in seconds."""

    name: str
    executor: str
    functions: Mapping[str, float]
    """Names and weights; mostly there is one."""
    vus: int
    """Users at most, at any time."""
    first_vu: int
    """The id of its first user, counted over the whole run from 1."""
    duration: float | None = None
    iterations: int | None = None
    max_duration: float | None = None
    graceful_stop: float = 30.0
    start_time: float = 0.0
    start_after: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    pacing: float | None = None
    min_iteration: float | None = None
    """An iteration that was shorter is followed by a rest; unlike pacing, no lost time is made up for."""
    start: str = "spread"
    start_vus: int = 0
    stages: tuple[tuple[float, int], ...] = ()
    graceful_ramp_down: float = 30.0
    start_rate: float = 0.0
    rates: tuple[tuple[float, float], ...] = ()
    """(seconds, starts in a `time_unit` at their end) of an open model."""
    time_unit: float = 1.0
    arrivals: str = "uniform"
    replayed: tuple[int, ...] = ()
    """When starts are due that were read from a log, in ns."""
    pre_allocated_vus: int = 0
    """Users that an open model has from its start on."""
    drops: bool = False
    """Whether a start for which no user is free is dropped; otherwise it waits."""
    sessions: bool = False
    """Whether each arrival is a user of its own."""
    request: Mapping[str, Any] | None = None
    """One request that the core makes again and again, instead of a function: keywords of http.request."""

    @property
    def span(self) -> float:
        """Seconds in which iterations may begin."""
        if self.stages or self.rates:
            return sum(seconds for seconds, _ in self.stages or self.rates)
        return self.duration if self.duration is not None else self.max_duration or 0.0

    @property
    def is_open(self) -> bool:
        """Whether iterations begin when they are due, and not when the one before has ended."""
        return bool(self.rates or self.replayed)

    @property
    def grows(self) -> bool:
        """Whether it has as many users as it takes, up to a safe limit."""
        return self.is_open and not self.drops

    @property
    def peak_rate(self) -> float | None:
        """Starts a second at the busiest moment of an open model; on average of one that is replayed."""
        if self.rates:
            return max(self.start_rate, *(rate for _, rate in self.rates)) / self.time_unit
        return len(self.replayed) / self.span if self.replayed else None

    @property
    def iterations_asked(self) -> int | None:
        """Iterations of all its users; None when it asks for time."""
        if self.iterations is None:
            return None
        return self.iterations * (self.vus if self.executor == "per-vu-iterations" else 1)

    def start_offset(self, number: int) -> float:
        """When user `number` (from 0) starts, in seconds from the scenario's start: user i of N at
        i/N × min(1 s, a tenth of the time there is), so that users do not march in step."""
        if self.start == "together" or self.stages:
            return 0.0
        # With a short max_duration too, the last user starts well before the end.
        window = min(1.0, self.span / 10) if self.span else 1.0
        return number / self.vus * window

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `Plan.to_json` made of it."""
        stages = tuple((float(seconds), int(target)) for seconds, target in data["stages"])
        rates = tuple((float(seconds), float(rate)) for seconds, rate in data.get("rates", ()))
        replayed = tuple(data.get("replayed", ()))
        return cls(**{**data, "stages": stages, "rates": rates, "replayed": replayed})


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
    no_setup: bool = False
    no_teardown: bool = False
    summary_trend_stats: tuple[str, ...] = DEFAULT_TREND_STATS
    env: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    """Scenarios that were left out because flags or the environment ask for another workload."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each option came from: default, config, script, environment or flag."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Each option's value as it was written, for `--show-options`."""
    segment: Segment = field(default_factory=Segment)
    """This machine's share; scenarios are as they are for all machines together."""

    @property
    def total(self) -> float:
        """The longest that load can last, in seconds."""
        return max(
            self.latest_start(scenario) + scenario.span + scenario.graceful_stop
            for scenario in self.scenarios
        )

    def latest_start(self, scenario: ScenarioPlan) -> float:
        """When `scenario` starts at the latest, in seconds after the run's start."""
        before = next((other for other in self.scenarios if other.name == scenario.start_after), None)
        if before is None:
            return scenario.start_time
        return self.latest_start(before) + before.span + before.graceful_stop + scenario.start_time

    @property
    def infos(self) -> tuple[ScenarioInfo, ...]:
        """What the report says of the scenarios: of this machine's share."""
        return tuple(self._info(scenario) for scenario in self.scenarios)

    def _info(self, scenario: ScenarioPlan) -> ScenarioInfo:
        share, iterations = self.segment, scenario.iterations
        asked = None if iterations is None else share.iterations(scenario)
        each = scenario.time_unit / share.length
        return ScenarioInfo(
            scenario.name,
            scenario.executor,
            share.count(scenario.vus),
            iterations if scenario.executor == "per-vu-iterations" else asked,
            scenario.duration,
            scenario.max_duration,
            scenario.graceful_stop,
            tuple((seconds, share.count(target)) for seconds, target in scenario.stages),
            self.latest_start(scenario),
            asked,
            tuple((seconds, rate / each) for seconds, rate in scenario.rates),
            share.count(len(scenario.replayed)) or None,
            scenario.drops,
            scenario.sessions,
        )

    def share(self, scenario: ScenarioPlan, worker: int, workers: int) -> Segment:
        """What `worker` of `workers` on this machine carries of `scenario`. Each scenario begins where the
        one before ended, so that small ones do not all fall to the first worker."""
        before = self.scenarios[: self.scenarios.index(scenario)]
        first = sum(self.segment.count(other.vus) for other in before)
        place = (worker - first) % workers
        if not scenario.is_open:
            return self.segment.part(place, workers)
        # Starts belong to users, as in k6: where nobody lives nobody could begin one.
        ours = self.segment
        ours = ours.in_turns(scenario.vus) if scenario.vus < ours.cycle else ours
        inhabited = min(ours.count(scenario.vus), workers)
        return ours.part(place, inhabited if place < inhabited else workers)

    @property
    def vus(self) -> int:
        """Users of all scenarios, on all machines."""
        return sum(scenario.vus for scenario in self.scenarios)

    def first_visitor(self, scenario: ScenarioPlan) -> int:
        """The id of the user who comes with a scenario's first start, where each start brings one: behind
        the ids of all users, those that come by hand included, and far from those of other scenarios."""
        return (self.scenarios.index(scenario) + 1) * 10**9

    def to_json(self) -> dict[str, Any]:
        """JSON types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """What `to_json` gave."""
        parts = dict(data)
        parts["scenarios"] = tuple(ScenarioPlan.from_json(scenario) for scenario in data["scenarios"])
        parts["thresholds"] = tuple(Threshold(**threshold) for threshold in data["thresholds"])
        parts["http"] = HttpOptions.from_json(data["http"])
        parts["summary_trend_stats"] = tuple(data["summary_trend_stats"])
        parts["replaced"] = tuple(data["replaced"])
        if "segment" in data:  # runs were kept before there were any
            parts["segment"] = Segment.from_json(data["segment"])
        return cls(**parts)
