"""A log file of the server."""

from dataclasses import dataclass, field
from pathlib import Path

from sonagi.model.unseen import note
from sonagi.probes.line_times import written
from sonagi.probes.probe import Seen
from sonagi.probes.records import Record, Records
from sonagi.probes.tail import Tail
from sonagi.probes.templates import Templates


@dataclass
class Log:
    """Only what is written from now on is read."""

    path: Path
    _tail: Tail | None = field(default=None, init=False)
    _records: Records = field(default_factory=Records, init=False)
    _templates: Templates = field(init=False)
    _told: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._templates = Templates(self.path.name)

    @property
    def name(self) -> str:
        return f"file:{self.path}"

    def look(self, seen: Seen) -> None:
        self._look(seen, last=False)

    def finish(self, seen: Seen) -> None:
        """The last look: a record that waits for more is complete."""
        self._look(seen, last=True)
        if self._tail is not None and not self._tail.is_there:
            self._tell(seen, note("unseen.log_missing", path=self.path))

    def close(self) -> None:
        if self._tail is not None:
            self._tail.close()

    def _look(self, seen: Seen, *, last: bool) -> None:
        try:
            self._tail = self._tail or Tail(self.path)
            grown = self._tail.grown()
        except OSError as error:
            self._tell(seen, note("unseen.log_unreadable", path=self.path, reason=error.strerror or error))
            return
        seen.signals["log.bytes"] = seen.signals.get("log.bytes", 0.0) + grown.size
        if grown.rotated:
            seen.happened("log_rotated", self.path.name, self.name)
        if grown.left_out:
            self._tell(seen, note("unseen.log_sampled", path=self.path))
        scale = 1 + grown.left_out / grown.size if grown.size else 1.0
        parts = grown.parts or [b""]
        for place, part in enumerate(parts):
            for record in self._records.feed(part, seen.wall, last=last and place == len(parts) - 1):
                self._add(record, scale, seen)
        seen.log += self._templates.take()

    def _add(self, record: Record, scale: float, seen: Seen) -> None:
        wall = written(record.text, record.read_at)
        weighed = Record(record.text, record.read_at, round(record.weight * scale))
        self._templates.add(weighed, wall, seen.at - (seen.wall - wall))

    def _tell(self, seen: Seen, why: str) -> None:
        if why not in self._told:
            self._told.add(why)
            seen.unseen.append(why)
