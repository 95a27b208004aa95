"""Who watches a run while it goes on, and what is shown to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sonagi.model.result import Notice, ScenarioInfo


@dataclass(frozen=True, slots=True)
class LiveSample:
    """One second of a run. Times in seconds, latencies in ms, shares 0 to 1."""

    elapsed: float
    total: float
    vus: int
    iterations: int
    iterations_total: int | None
    iterations_by_scenario: Mapping[str, int]
    requests_per_second: float
    p95_ms: float | None
    failed_share: float
    server: Mapping[str, float] = field(default_factory=dict)
    """What the probes saw last: signals by name."""
    held: bool = False
    """No iterations begin, because somebody asked for a pause."""


class Watcher(Protocol):
    """Told by the coordinator; must not block."""

    def started(self, script: str, scenarios: tuple[ScenarioInfo, ...]) -> None:
        """Load is about to start."""

    def second(self, sample: LiveSample) -> None:
        """A second is over."""

    def log(self, text: str) -> None:
        """The script printed a line."""

    def notice(self, notice: Notice) -> None:
        """Something the user should know now."""

    def ended(self) -> None:
        """No more comes."""
