"""What the probes saw, added up over a run."""

from dataclasses import asdict, dataclass, field, replace
from math import ceil
from typing import Any

from sonagi.model.evidence import Sense
from sonagi.model.series import Series
from sonagi.model.sight import Sight
from sonagi.model.traffic import KERNEL, Event, LogTemplate
from sonagi.store.track import Track

VALUES = 100
"""Lines of one template whose values are kept."""
TEMPLATES = 500
SENSES: dict[str, Sense] = {
    "host": "host",
    "cgroup": "host",
    "process": "process",
    "pool": "metrics",
    "jvm": "metrics",
    "workers": "metrics",
    "server": "metrics",
    "loop": "metrics",
    "prom": "metrics",
    "log": "log",
}
"""Who sees a signal, by the first part of its name."""


@dataclass
class _Lines:
    """Lines of one template. Times are of the clock that sights are on."""

    template: LogTemplate
    track: Track = field(default_factory=Track)
    values: list[tuple[str, ...]] = field(default_factory=list)
    stamps: list[float] = field(default_factory=list)
    count: int = 0

    def add(self, seen: LogTemplate, at: float) -> None:
        self.count += seen.count
        # By hundredths of a second: one template may come with several moments of one look.
        self.track.count(round(at if seen.first_at is None else seen.first_at, 2), seen.count)
        room = VALUES - len(self.values)
        self.values += seen.values[:room]
        self.stamps += seen.stamps[:room]

    def told(self, began: float) -> LogTemplate:
        seconds: dict[float, float] = {}
        for at, count in self.track.series(began):
            second = float(ceil(at))
            seconds[second] = seconds.get(second, 0.0) + count
        first = self.template.first_at
        return replace(
            self.template,
            count=self.count,
            first_at=None if first is None else round(first - began, 3),
            by_second=Series(tuple(sorted(seconds)), tuple(seconds[at] for at in sorted(seconds))),
            values=tuple(self.values),
            stamps=tuple(self.stamps),
        )


class Watched:
    """All sights of a run."""

    def __init__(self) -> None:
        self.senses: set[Sense] = set()
        self.unseen: list[str] = []
        self.latest: dict[str, float] = {}
        """What each signal was when it was last seen."""
        self._tracks: dict[str, Track] = {}
        self._events: list[Event] = []
        self._lines: dict[tuple[str, str, str], _Lines] = {}

    def hear(self, sight: Sight) -> None:
        """Take a sight, no earlier than the one before."""
        self.latest.update(sight.signals)
        for name, value in sight.signals.items():
            self._tracks.setdefault(name, Track()).add(sight.at, value)
            sense = SENSES.get(name.partition(".")[0])
            if sense is not None:
                self.senses.add(sense)
        for seen in sight.log:
            self.senses.add("host" if seen.source == KERNEL else "log")
            key = (seen.signature, seen.text, seen.source)
            if key not in self._lines and len(self._lines) == TEMPLATES:
                continue
            self._lines.setdefault(key, _Lines(seen)).add(seen, sight.at)
        self._events += sight.events
        self.unseen += [note for note in sight.unseen if note not in self.unseen]

    def signals(self, began: float) -> dict[str, Series]:
        """By second after `began`."""
        return {name: track.series(began) for name, track in self._tracks.items()}

    def events(self, began: float) -> tuple[Event, ...]:
        """By second after `began`, in order."""
        placed = (replace(event, at=round(event.at - began, 3)) for event in self._events)
        return tuple(sorted(placed, key=lambda event: event.at))

    def log(self, began: float) -> tuple[LogTemplate, ...]:
        """In the order in which they first came."""
        return tuple(lines.told(began) for lines in self._lines.values())


def sight_json(sight: Sight) -> dict[str, Any]:
    """JSON types only."""
    return asdict(sight)


def sight_of(data: dict[str, Any]) -> Sight:
    """What `sight_json` gave."""
    return Sight(
        data["at"],
        data["signals"],
        tuple(_template(entry) for entry in data["log"]),
        tuple(Event(**event) for event in data["events"]),
        tuple(data["unseen"]),
    )


def _template(data: dict[str, Any]) -> LogTemplate:
    by_second = Series(tuple(data["by_second"]["at"]), tuple(data["by_second"]["values"]))
    values = tuple(tuple(line) for line in data["values"])
    return LogTemplate(**{**data, "by_second": by_second, "values": values, "stamps": tuple(data["stamps"])})
