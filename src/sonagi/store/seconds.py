"""The load second by second: what each frame says of it and of the generator, by the names of
`model.signals`.

Only frames of the load are looked at, not those of setup() and teardown(). A frame belongs to the second
that it ends; the last one, which is shorter, to the second before when it is less than a quarter of one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from sonagi._core import FrameHead, Histogram, Totals, frame_head
from sonagi.model.traffic import without_origin
from sonagi.store.track import Track

NAMES = 30
"""So many kinds of requests have signals of their own: the first ones that are seen."""
LATE = 0.25
"""Seconds by which a frame may come after the end of its second."""
EARLY = 0.05
"""Seconds by which a frame that ends a second may come before that."""
EXPECTED, FAILED = {"expected_response": "true"}, {"expected_response": "false"}


@dataclass
class Generator:
    """What one worker said of itself in a second. CPU in ns."""

    span_ns: int = 0
    cpu_ns: int = 0
    user_cpu_ns: int | None = None
    io_cpu_ns: int = 0
    loop_lag_ms: float = 0.0
    last: dict[str, Any] = field(default_factory=dict)

    def add(self, note: dict[str, Any], span_ns: int) -> None:
        self.span_ns += span_ns
        self.cpu_ns += note["cpu_ns"]
        self.io_cpu_ns += note["thread_io_ns"]
        if "user_cpu_ns" in note:
            self.user_cpu_ns = (self.user_cpu_ns or 0) + note["user_cpu_ns"]
        self.loop_lag_ms = max(self.loop_lag_ms, note["loop_lag_ms"])
        self.last = note


@dataclass
class Second:
    """All workers' frames of one second."""

    number: int
    totals: Totals
    users_before: int
    """Active when it began."""
    generators: dict[int, Generator] = field(default_factory=dict)
    opened: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a frame says: `second` of the load is 0 for a frame of what came before or after, `span_ns` the
    time since the one before of the same worker. `whole` is false for a frame that was sent before its second
    was over: another of the same second follows."""

    head: FrameHead
    notes: list[tuple[str, Any]]
    second: int
    span_ns: int
    whole: bool = True


class Seconds:
    """Every second of the load so far."""

    def __init__(self) -> None:
        self.tracks: dict[str, Track] = {}
        self._titles: dict[tuple[str, str], str] = {}
        self._open: Second | None = None
        self._stamps: dict[int, int] = {}
        self._active: dict[int, int] = {}

    def hear(self, frame: bytes, began: float | None, going: bool) -> Told:
        """Take a frame. `began` is when load began on the frames' own clock, `going` whether it goes on.
        Raises ValueError for what is no frame."""
        head = frame_head(frame)
        notes = [(kind, json.loads(note)) for kind, note in head.notes]
        span = head.monotonic_ns - self._stamps.get(head.worker, head.monotonic_ns)
        self._stamps[head.worker] = head.monotonic_ns
        number, whole = 0, True
        if began is not None and going:
            at = head.monotonic_ns / 1e9 - began
            number = max(ceil(at - LATE), 0)
            # A worker that stood still goes on with whole seconds, but not at their ends any more.
            whole = at >= number - EARLY or abs(span / 1e9 - 1) < EARLY
        if number:
            number = self._hear(number, frame, head.worker, notes, span)
        return Told(head, notes, number, span, whole)

    def lose(self, worker: int) -> None:
        """It is gone, and its users with it."""
        self._active.pop(worker, None)

    def _hear(self, number: int, frame: bytes, worker: int, notes: list[tuple[str, Any]], span: int) -> int:
        second = self._open
        if second is not None and number > second.number:
            self._keep(second)
            second = None
        if second is None:
            second = self._open = Second(number, Totals(), sum(self._active.values()))
        # Another worker's may come late: better in the wrong second than in none.
        second.totals.merge(frame)
        for kind, note in notes:
            if kind == "generator":
                second.generators.setdefault(worker, Generator()).add(note, span)
            elif kind == "connections":
                second.opened = (second.opened or 0) + note["opened"]
            elif kind == "vus":
                self._active[worker] = note["active"]
        return second.number

    def _keep(self, second: Second) -> None:
        for name, value in self._numbers(second):
            self.tracks.setdefault(name, Track()).add(second.number, value)

    def all(self) -> dict[str, Track]:
        """Every signal, with the second that is not over."""
        if self._open is None:
            return self.tracks
        tracks = dict(self.tracks)
        for name, value in self._numbers(self._open):
            track = Track()
            if name in tracks:
                track.at.extend(tracks[name].at)
                track.values.extend(tracks[name].values)
            track.add(self._open.number, value)
            tracks[name] = track
        return tracks

    def _numbers(self, second: Second) -> Iterator[tuple[str, float]]:
        totals = second.totals
        # In the last second all have left by its end.
        yield "load.vus", sum(self._active.values()) or second.users_before
        for name, metric in (
            ("load.requests", "http_reqs"),
            ("load.iterations", "iterations"),
            ("load.received", "data_received"),
            ("load.sent", "data_sent"),
        ):
            yield name, totals.counter(metric) or 0.0
        failed, all_ = totals.rate("http_req_failed") or (0, 0)
        yield "load.ok", all_ - failed
        yield "load.failed", failed
        yield from _percentiles(totals, "http_req_duration", EXPECTED, {"load.p50": 50, "load.p95": 95})
        yield from _percentiles(totals, "http_req_duration", FAILED, {"load.failed_p50": 50})
        yield from _arriving(totals)
        yield from _connecting(second)
        yield from _generator(second)
        yield from self._by_name(totals)

    def _by_name(self, totals: Totals) -> Iterator[tuple[str, float]]:
        here = sorted({(tags.get("method", ""), tags.get("name", "")) for tags in totals.series("http_reqs")})
        for pair in here:
            title = self._title(*pair)
            if title is None:
                continue
            tags = dict(zip(("method", "name"), pair, strict=True))
            yield f"load.requests|{title}", totals.counter("http_reqs", tags) or 0.0
            yield f"load.failed|{title}", (totals.rate("http_req_failed", tags) or (0, 0))[0]
            wanted = {f"load.p50|{title}": 50, f"load.p95|{title}": 95}
            yield from _percentiles(totals, "http_req_duration", {**tags, **EXPECTED}, wanted)

    def _title(self, method: str, name: str) -> str | None:
        """How a kind of request is called in signals: as `Endpoint.title` calls it; None beyond the first
        ones."""
        known = self._titles.get((method, name))
        if known is not None or len(self._titles) == NAMES:
            return known
        title = f"{method} {without_origin(name)}".strip()
        if title in self._titles.values():  # the same path on another server
            title = f"{method} {name}"
        self._titles[method, name] = title
        return title


def _percentiles(
    totals: Totals, metric: str, tags: dict[str, str], wanted: Mapping[str, float]
) -> Iterator[tuple[str, float]]:
    trend = totals.trend(metric, tags)
    if trend is not None and trend.count:
        for name, percent in wanted.items():
            yield name, trend.percentile(percent)


def _arriving(totals: Totals) -> Iterator[tuple[str, float]]:
    """An open model's: how many starts were late or left out, and times from when requests were due."""
    if totals.trend("iteration_lateness") is None and not totals.counter("dropped_iteration_wait"):
        return
    late, dropped = (totals.counter(name) or 0.0 for name in ("iterations_late", "dropped_iterations"))
    yield "load.late", late + dropped
    yield "load.late_generator", totals.counter("iterations_late", {"waited_for": "generator"}) or 0.0
    yield from _percentiles(totals, "http_req_intended_duration", {}, {"load.intended_p95": 95})


def _connecting(second: Second) -> Iterator[tuple[str, float]]:
    """How many connections were opened, and how long that took: exchanges on a kept one count as 0 ms
    there, and are left out."""
    if second.opened is None:
        return
    yield "load.connects", second.opened
    trend = second.totals.trend("http_req_connecting")
    if trend is not None and 0 < second.opened <= trend.count and trend.max > 0:
        yield "load.connect_p95", trend.percentile(100 * (1 - 0.05 * second.opened / trend.count))


def _generator(second: Second) -> Iterator[tuple[str, float]]:
    """The busiest worker's CPU and delays, all workers' memory and ports."""
    lags = [second.totals.trend("generator_lag", {"phase": phase}) for phase in ("taken", "resumed")]
    heard: list[Histogram] = [lag for lag in lags if lag is not None and lag.count]
    if heard:
        yield "generator.lag", max(lag.percentile(99) for lag in heard)
    workers = [one for one in second.generators.values() if one.span_ns > 0]
    if not workers:
        return
    yield "generator.cpu", max(one.cpu_ns / one.span_ns for one in workers)
    users = [one.user_cpu_ns / one.span_ns for one in workers if one.user_cpu_ns is not None]
    if users:
        yield "generator.user_cpu", max(users)
    yield "generator.io_cpu", max(one.io_cpu_ns / one.span_ns for one in workers)
    yield "generator.loop_lag", max(one.loop_lag_ms for one in workers)
    for name, together in (
        ("rss", sum),
        ("fds", max),
        ("fd_limit", min),
        ("ports", sum),
        ("port_limit", max),
    ):
        told = [one.last[name] for one in workers if one.last.get(name) is not None]
        if told:
            yield f"generator.{name}", float(together(told))
