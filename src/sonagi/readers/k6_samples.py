"""k6's `--out json` and `--out csv`, which Sonagi writes too: one sample a line, read as a stream."""

import json
import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import partial
from math import isfinite
from typing import Any

from sonagi.model.evidence import Evidence
from sonagi.readers import failing
from sonagi.readers.clock import Clock
from sonagi.readers.csv_rows import table
from sonagi.readers.names import grouped
from sonagi.readers.samples import Exchange, Samples
from sonagi.readers.summary import is_custom

MOST_AT_ONCE = 1_000_000
"""Requests, or users, that one sample may stand for."""
MOST_TAGS = 20_000
"""Sets of tags that are remembered, so that each is understood once; then all are forgotten."""
CSV_HEAD = ("metric_name", "timestamp", "metric_value")
_POINT = re.compile(
    rb'\{"metric":"([^"]+)","type":"Point","data":\{"time":"([^"]+)","value":(-?[\d.eE+-]+),"tags":'
)
_OLDER = re.compile(rb'\{"type":"Point","data":\{"time":"([^"]+)","value":(-?[\d.eE+-]+),"tags":')
_OLDER_END = b'},"metric":"'
_METADATA = b'},"metadata":{'
_PARTS = frozenset(
    [f"http_req_{part}" for part in ("blocked", "tls_handshaking", "sending", "waiting", "receiving")]
    + ["iteration_duration"]
)
_TOLD_TWICE = frozenset((b"http_req_failed", b"vus_max"))
"""What tags of requests, and `vus`, tell as well."""
_COUNTED = ("iterations", "dropped_iterations", "data_sent", "data_received")

_Tags = Mapping[str, str]


class K6Samples:
    """Samples of one run. `bad` counts lines that are none, as a last one that was cut off."""

    def __init__(self) -> None:
        self.samples = Samples()
        self.samples.seconds.seen |= {
            "load.iterations",
            "load.late",
            "load.connects",
            "load.received",
            "load.sent",
        }
        self.bad = 0
        self.points = 0
        self._clock = Clock()
        self._times: set[str] = set()
        self._trends: set[str] = set()
        self._exchanges: dict[Hashable, Exchange] = {}

    def json_line(self, line: bytes) -> None:
        """A line of `--out json`."""
        point = _POINT.match(line)
        if point is not None and line.endswith(b"}}"):
            metric, stamp, value, raw = point[1], point[2], point[3], line[point.end() : -2]
        elif (point := _OLDER.match(line)) is not None and (end := line.rfind(_OLDER_END)) > 0:
            metric, stamp, value, raw = (
                line[end + len(_OLDER_END) : -2],
                point[1],
                point[2],
                line[point.end() : end],
            )
        else:
            self._slowly(line)
            return
        if metric in _TOLD_TWICE:
            self.points += 1
            return
        if _METADATA in raw:  # a user's number and such: another one on every line
            raw = raw.partition(_METADATA)[0] + b"}"
        try:
            at, number = self._clock(stamp.decode()), float(value)
        except ValueError:
            at, number = None, 0.0
        if at is None or not isfinite(number):
            self.bad += 1
            return
        self._sample(metric.decode("utf-8", "replace"), at, number, raw, partial(_tags, raw))

    def _slowly(self, line: bytes) -> None:
        """A line that describes a metric, is laid out otherwise, or is no sample."""
        if not line.strip():
            return
        try:
            told = json.loads(line)
            data = told["data"]
            if told["type"] == "Metric":
                self._described(str(data["name"]), data)
                return
            at, number = self._clock(str(data["time"])), float(data["value"])
            if at is None or not isfinite(number):
                raise ValueError
            tags = data.get("tags")
            tags = {str(name): str(text) for name, text in tags.items()} if isinstance(tags, dict) else {}
            self._sample(str(told["metric"]), at, number, tuple(sorted(tags.items())), lambda: tags)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            self.bad += 1

    def _described(self, name: str, data: Mapping[str, Any]) -> None:
        if is_custom(name) and data.get("type") == "trend":
            self._trends.add(name)
            if data.get("contains") == "time":
                self.samples.custom.add(name)

    def csv_rows(self, lines: Iterable[bytes]) -> None:
        """All lines of `--out csv`, its head first."""
        head, found = table(lines)
        columns = {name: at for at, name in enumerate(head)}
        tagged = [(name, at) for name, at in columns.items() if name not in CSV_HEAD]
        metric_at, time_at, value_at = (columns[name] for name in CSV_HEAD)
        for row in found:
            try:
                metric, at, value = row[metric_at], self._clock(row[time_at]), float(row[value_at])
            except (ValueError, IndexError):
                at, metric, value = None, "", 0.0
            if at is None or not isfinite(value) or len(row) < len(head):
                self.bad += bool(row)
                continue
            key = tuple(row[len(CSV_HEAD) :])
            self._sample(metric, at, value, key, partial(_tags_of_row, tagged, row))

    def _sample(self, metric: str, at: float, value: float, key: Hashable, tags: Callable[[], _Tags]) -> None:
        """One value of a metric. `key` stands for its tags, which are understood only when they matter."""
        samples = self.samples
        self.points += 1
        if metric == "http_reqs":
            samples.answered(at, self._exchange(key, tags), min(max(round(value), 0), MOST_AT_ONCE))
        elif metric == "http_req_duration":
            samples.took(at, self._exchange(key, tags), max(value, 0.0))
        elif metric == "http_req_connecting":
            samples.connected(at, value)
        elif metric in _PARTS or metric in self._trends:
            samples.trend(metric, value)
        elif metric in _COUNTED:
            self._counted(metric, at, value)
        elif metric == "checks":
            samples.check(tags().get("check", ""), value > 0)
        elif metric == "vus":
            samples.users(at, min(max(value, 0.0), MOST_AT_ONCE))

    def _counted(self, metric: str, at: float, value: float) -> None:
        amount = round(min(max(value, 0.0), 1e15))
        self.samples.counters[metric] += amount
        second = self.samples.seconds.at(at)
        if metric == "iterations":
            second.iterations += amount
        elif metric == "dropped_iterations":
            second.dropped += amount
        elif metric == "data_sent":
            second.sent += amount
        else:
            second.received += amount

    def _exchange(self, key: Hashable, tags: Callable[[], _Tags]) -> Exchange:
        """The kind of exchange that tags stand for."""
        found = self._exchanges.get(key)
        if found is None:
            if len(self._exchanges) >= MOST_TAGS:
                self._exchanges.clear()
            found = self._exchanges[key] = self._understood(tags())
        return found

    def _understood(self, tags: _Tags) -> Exchange:
        name = tags.get("name") or tags.get("url") or ""
        self.samples.named(name)
        status, code = _int(tags.get("status")), _int(tags.get("error_code"))
        expected = tags.get("expected_response")
        ok = expected == "true" if expected in ("true", "false") else 200 <= status < 400
        method, short = tags.get("method", ""), grouped(name)
        if ok:
            return Exchange(method, short, None, status)
        error = tags.get("error", "")
        return Exchange(
            method, short, failing.of_code(code, status, error), status, code, failing.plainly(error)
        )

    def evidence(self, source: str) -> Evidence:
        """The run. Without a sample of them, no iterations were dropped."""
        self.samples.counters["dropped_iterations"] += 0
        return self.samples.evidence(source, "k6")


def _tags(raw: bytes) -> _Tags:
    """Tags of a line; none where they can't be understood."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _tags_of_row(columns: list[tuple[str, int]], row: list[str]) -> _Tags:
    return {name: row[at] for name, at in columns}


def _int(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
