"""What a run's frames add up to: totals, and the notes that are no series."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sonagi._core import Totals
from sonagi.model.result import Notice, ScriptError


@dataclass
class Ledger:
    """Totals of all frames, and what is no series."""

    totals: Totals = field(default_factory=Totals)
    errors: dict[tuple[str, str], ScriptError] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    interrupted: int = 0
    cpu_ns: int = 0
    memory: dict[int, int] = field(default_factory=dict)
    """By worker, the most that was resident, in bytes."""
    active: dict[int, int] = field(default_factory=dict)
    initialized: dict[int, int] = field(default_factory=dict)
    refused: dict[int, int] = field(default_factory=dict)
    """By worker, its seconds in a row, from the start, in which every exchange was refused."""
    refused_sample: str = ""
    answered: bool = False
    """Whether any exchange was not refused."""
    is_open: bool = False
    """Whether users come as they are needed: then there may be none at work between two iterations."""
    broken_frames: int = 0
    samples: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """How the first failed answer of a kind began, by (method, name, status)."""
    blocked: dict[str, int] = field(default_factory=dict)
    """Lines of the script that blocked its loop, and for how many ms at most."""
    stood_still: dict[int, float] = field(default_factory=dict)
    """By worker, for how many seconds at most it told nothing."""
    on_notice: Callable[[Notice], None] = lambda _: None
    on_gauge: Callable[[str, float], None] = lambda _metric, _value: None
    """Hears of each sample that is the coordinator's own."""

    def hear(self, worker: int, notes: Iterable[tuple[str, Any]]) -> None:
        """Take the notes of a frame: (kind, JSON)."""
        for kind, note in notes:
            handler = getattr(self, f"_{kind}", None)
            if handler is not None:
                handler(worker, note)

    def count_users(self) -> None:
        """Users are nobody's series but the whole run's: their number is the coordinator's to say."""
        if any(self.active.values()) or (self.is_open and any(self.initialized.values())):
            self._gauge("vus", sum(self.active.values()))
            self._gauge("vus_max", sum(self.initialized.values()))

    def _gauge(self, metric: str, value: float) -> None:
        self.totals.add(metric, "gauge", "default", float(value))
        self.on_gauge(metric, float(value))

    def lose(self, worker: int) -> None:
        """It is gone, and its users with it."""
        self.active.pop(worker, None)
        self.initialized.pop(worker, None)

    def late(self, worker: int, seconds: float) -> None:
        """A frame of `worker` came that much later than a second after the one before."""
        if worker not in self.stood_still:
            self.on_notice(Notice("run.stood_still", {"worker": worker + 1, "seconds": f"{seconds:.1f}"}))
        self.stood_still[worker] = max(seconds, self.stood_still.get(worker, 0.0))

    @property
    def rss(self) -> int:
        """Bytes that were resident at most, in all workers."""
        return sum(self.memory.values())

    @property
    def refused_seconds(self) -> int:
        """Seconds in a row, from the start, in which every exchange was refused."""
        return max(self.refused.values(), default=0)

    def notice(self, key: str, **values: Any) -> None:
        """Keep a notice; the same one is told once."""
        notice = Notice(key, values)
        if notice not in self.notices:
            self.notices.append(notice)
            self.on_notice(notice)

    # --- notes, by their kind ---

    def _exception(self, _worker: int, note: dict[str, Any]) -> None:
        error = ScriptError(note["kind"], note["message"], note["place"], note["traceback"], note["count"])
        known = self.errors.get((error.kind, error.place))
        self.errors[error.kind, error.place] = (
            replace(known, count=known.count + error.count) if known else error
        )

    def _iterations(self, _worker: int, note: dict[str, Any]) -> None:
        self.interrupted += note["interrupted"]

    def _generator(self, worker: int, note: dict[str, Any]) -> None:
        self.cpu_ns += note["cpu_ns"]
        self.memory[worker] = max(note["rss"], self.memory.get(worker, 0))

    def _vus(self, worker: int, note: dict[str, Any]) -> None:
        self.active[worker] = note["active"]
        self.initialized[worker] = note["initialized"]

    def _refused(self, worker: int, note: dict[str, Any]) -> None:
        if note["count"] < note["of"]:
            self.answered = True
        if self.answered:
            self.refused.clear()
        else:
            self.refused[worker] = self.refused.get(worker, 0) + 1
            self.refused_sample = note["sample"]

    def _blocked(self, _worker: int, note: dict[str, Any]) -> None:
        place, ms = note["place"], note["ms"]
        if place not in self.blocked:
            self.on_notice(Notice("run.blocked", {"place": place, "ms": ms}))
        self.blocked[place] = max(ms, self.blocked.get(place, 0))

    def _sample(self, _worker: int, note: dict[str, Any]) -> None:
        self.samples.setdefault((note["method"], note["name"], str(note["status"])), note["body"])

    def _warning(self, _worker: int, note: dict[str, Any]) -> None:
        self.notice(f"run.{note['key']}", **note["values"])
