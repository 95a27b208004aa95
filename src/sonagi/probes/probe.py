"""What every probe is to the lookout: something that adds to what is seen in a second."""

from dataclasses import dataclass, field
from typing import Protocol

from sonagi.model.sight import Sight
from sonagi.model.traffic import Event, LogTemplate


@dataclass
class Seen:
    """A look while it is taken. `at` is `time.monotonic()` and `wall` `time.time()`, both when it began."""

    at: float
    wall: float
    signals: dict[str, float] = field(default_factory=dict)
    log: list[LogTemplate] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def happened(self, kind: str, text: str = "", source: str = "", at: float | None = None) -> None:
        """An event, now or at `at` of the monotonic clock."""
        self.events.append(Event(self.at if at is None else at, kind, text, source))

    def sight(self) -> Sight:
        """The finished look."""
        return Sight(self.at, self.signals, tuple(self.log), tuple(self.events), tuple(self.unseen))


class Probe(Protocol):
    """Looks once a second, always in one thread. What it raises silences it, and is told."""

    @property
    def name(self) -> str:
        """For events and troubles: "host", "port:8080", a file's path, a URL without its password."""

    def look(self, seen: Seen) -> None:
        """Add what is seen now. Rates need a look before."""

    def close(self) -> None:
        """Nothing more is asked."""
