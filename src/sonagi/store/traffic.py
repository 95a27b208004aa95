"""What answers and failures were like, added up from the notes of frames."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sonagi._core import Histogram
from sonagi.model.quantity import Reading
from sonagi.model.traffic import Answers, Body, FailureKind, Failures, Trend
from sonagi.store.track import Track

BODIES = 16
"""Kinds of bodies that are kept of one kind of answer; as many again while they are sorted out."""
KEYS = 400
"""Kinds of answers, and of failures, that are told apart."""
_KINDS: dict[str, FailureKind] = {kind.value: kind for kind in FailureKind}


@dataclass
class _Answers:
    count: int = 0
    bytes_sum: int = 0
    bytes_min: int | None = None
    bytes_max: int = 0
    announced: int | None = None
    kinds: dict[int, int] = field(default_factory=dict)
    """By worker: each counts its own."""
    bodies: dict[str, Body] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, worker: int, note: dict[str, Any]) -> None:
        self.count += note["count"]
        self.bytes_sum += note["bytes_sum"]
        least = note["bytes_min"]
        self.bytes_min = least if self.bytes_min is None else min(self.bytes_min, least)
        self.bytes_max = max(self.bytes_max, note["bytes_max"])
        if note.get("announced") is not None:
            self.announced = max(self.announced or 0, note["announced"])
        self.kinds[worker] = note["kinds"]
        for body in note["bodies"]:
            self._add_body(body)
        if len(self.counts) > 2 * BODIES:
            self.counts = Counter(dict(self.counts.most_common(BODIES)))
            self.bodies = {fingerprint: self.bodies[fingerprint] for fingerprint in self.counts}

    def _add_body(self, note: dict[str, Any]) -> None:
        fingerprint = note["fp"]
        self.counts[fingerprint] += note["count"]
        if fingerprint not in self.bodies or (note.get("sample") and not self.bodies[fingerprint].sample):
            self.bodies[fingerprint] = Body(
                fingerprint, 0, note["bytes"], note.get("sample", ""), note["items"], note["exact"]
            )

    def told(self, method: str, name: str, status: int) -> Answers:
        mean = self.bytes_sum / self.count
        sizes = Trend(
            avg=Reading.exact(mean),
            min=Reading.exact(self.bytes_min or 0),
            max=Reading.exact(self.bytes_max),
            count=self.count,
        )
        bodies = tuple(_counted(self.bodies[one], count) for one, count in self.counts.most_common(BODIES))
        kinds = max(self.kinds.values(), default=0)
        return Answers(method, name, status, self.count, sizes, self.announced, kinds, bodies)


def _counted(body: Body, count: int) -> Body:
    return Body(body.fingerprint, count, body.bytes, body.sample, body.items, body.items_exact)


@dataclass
class _Failures:
    count: int = 0
    text: str = ""
    reused: int | None = None
    by_second: Track = field(default_factory=Track)
    idle: Histogram = field(default_factory=Histogram)
    age: Histogram = field(default_factory=Histogram)
    duration: Histogram = field(default_factory=Histogram)

    def add(self, second: int, note: dict[str, Any]) -> None:
        self.count += note["count"]
        self.text = self.text or note["text"]
        if note.get("reused") is not None:
            self.reused = (self.reused or 0) + note["reused"]
        if second:
            self.by_second.count(second, note["count"])
        for name, histogram in (("idle", self.idle), ("age", self.age), ("duration", self.duration)):
            for value in note.get(f"{name}_ms") or ():
                histogram.record(float(value))


_Key = tuple[str, str, str, int, int, int]
"""Of failures: kind, method, name, status, code, errno."""


class Traffic:
    """Answers, failures and connections of a run."""

    def __init__(self) -> None:
        self.connects: int | None = None
        self.reused: int | None = None
        self._answers: dict[tuple[str, str, int], _Answers] = {}
        self._failures: dict[_Key, _Failures] = {}

    def hear(self, worker: int, second: int, notes: list[tuple[str, Any]]) -> None:
        """Take the notes of a frame of `second` of the load (0: not of it)."""
        for kind, note in notes:
            if kind == "connections":
                self.connects = (self.connects or 0) + note["opened"]
                self.reused = (self.reused or 0) + note["reused"]
            elif kind == "answers":
                for one in note:
                    self._hear_answers(worker, one)
            elif kind == "failures":
                for one in note:
                    self._hear_failures(second, one)

    def _hear_answers(self, worker: int, note: dict[str, Any]) -> None:
        key = (note["method"], note["name"], note["status"])
        if note["count"] and (key in self._answers or len(self._answers) < KEYS):
            self._answers.setdefault(key, _Answers()).add(worker, note)

    def _hear_failures(self, second: int, note: dict[str, Any]) -> None:
        key = (note["kind"], note["method"], note["name"], note["status"], note["code"], note["errno"])
        if key in self._failures or len(self._failures) < KEYS:
            self._failures.setdefault(key, _Failures()).add(second, note)

    def answers(self) -> tuple[Answers, ...]:
        """The most frequent ones first."""
        told = [heard.told(*key) for key, heard in self._answers.items()]
        return tuple(sorted(told, key=lambda one: (-one.count, one.method, one.name, one.status)))

    def failures(self, samples: dict[tuple[str, str, str], str], most: float) -> tuple[Failures, ...]:
        """The most frequent ones first; `samples` has how answers began, by (method, name, status), `most`
        is when load ended."""
        told = [
            Failures(
                _KINDS.get(kind, FailureKind.OTHER),
                method,
                name,
                heard.count,
                status,
                code,
                errno,
                heard.text,
                heard.by_second.series(most=most),
                sampled(heard.duration),
                heard.reused,
                sampled(heard.idle),
                sampled(heard.age),
                samples.get((method, name, str(status)), ""),
            )
            for (kind, method, name, status, code, errno), heard in self._failures.items()
        ]
        return tuple(sorted(told, key=lambda one: (-one.count, one.kind, one.method, one.name, one.status)))


def sampled(histogram: Histogram, percents: tuple[float, ...] = (90.0, 95.0, 99.0)) -> Trend:
    """A distribution as evidence; nothing is known of an empty one."""
    if not histogram.count:
        return Trend()
    return Trend(
        Reading.exact(histogram.mean),
        Reading.exact(histogram.min),
        Reading.exact(histogram.percentile(50)),
        Reading.exact(histogram.max),
        {percent: Reading.exact(histogram.percentile(percent)) for percent in percents},
        histogram.count,
    )
